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
from taxonomy.models.second import GoldPaper, Judgement, ReadingPolicy, SecondReading
from taxonomy.models.talk import (
    Comment,
    Digest,
    Follow,
    Gathered,
    Mention,
    Notice,
    Subscription,
)
from taxonomy.models.trail import Batch, PassedOver, Seal

__all__ = [
    "ApiToken",
    "ApplicationDomain",
    "Attempt",
    "Batch",
    "CellMonth",
    "Challenge",
    "Collection",
    "CollectionLabel",
    "CollectionMember",
    "Comment",
    "Concept",
    "ConceptChange",
    "ConceptLabel",
    "ConceptMonth",
    "ConceptRelation",
    "ConceptText",
    "Decision",
    "DeskSettings",
    "Digest",
    "Edition",
    "Follow",
    "Gathered",
    "GoldPaper",
    "Invitation",
    "Judgement",
    "Landmark",
    "Language",
    "Lease",
    "Link",
    "LinkEvidence",
    "LinkText",
    "LoadedRecord",
    "LoginLink",
    "Mention",
    "Notice",
    "Order",
    "Paper",
    "PaperVersion",
    "PassedOver",
    "QueuePolicy",
    "ReadingPolicy",
    "SavedView",
    "Screening",
    "Seal",
    "SecondReading",
    "Session",
    "Skip",
    "Subscription",
    "Suggestion",
    "Tag",
    "Tally",
    "User",
    "VocabularyVersion",
]
