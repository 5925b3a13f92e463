"""The nouns of the atlas, their questions (QuerySets) and what must always be true."""

from taxonomy.models.concepts import (
    ApplicationDomain,
    Challenge,
    Collection,
    CollectionLabel,
    CollectionMember,
    Concept,
    ConceptChange,
    ConceptLabel,
    ConceptRelation,
    ConceptText,
    Language,
    Link,
    LinkEvidence,
    LinkText,
)
from taxonomy.models.counters import CellMonth, ConceptMonth, Tally
from taxonomy.models.desks import DeskSettings, SavedView
from taxonomy.models.editions import Edition, LoadedRecord, VocabularyVersion
from taxonomy.models.orders import Order, QueuePolicy
from taxonomy.models.papers import Landmark, Paper, PaperVersion
from taxonomy.models.people import ApiToken, Attempt, Invitation, LoginLink, Session, User
from taxonomy.models.review import Decision, Lease, Screening, Skip, Suggestion, Tag

__all__ = [
    "ApiToken",
    "ApplicationDomain",
    "Attempt",
    "CellMonth",
    "Challenge",
    "Collection",
    "CollectionLabel",
    "CollectionMember",
    "Concept",
    "ConceptChange",
    "ConceptLabel",
    "ConceptMonth",
    "ConceptRelation",
    "ConceptText",
    "Decision",
    "DeskSettings",
    "Edition",
    "Invitation",
    "Landmark",
    "Language",
    "Lease",
    "Link",
    "LinkEvidence",
    "LinkText",
    "LoadedRecord",
    "LoginLink",
    "Order",
    "Paper",
    "PaperVersion",
    "QueuePolicy",
    "SavedView",
    "Screening",
    "Session",
    "Skip",
    "Suggestion",
    "Tag",
    "Tally",
    "User",
    "VocabularyVersion",
]
