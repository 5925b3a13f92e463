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
from taxonomy.models.editions import Edition, LoadedRecord, VocabularyVersion
from taxonomy.models.papers import Landmark, Paper, PaperVersion
from taxonomy.models.people import ApiToken, LoginLink, User
from taxonomy.models.review import Decision, Lease, Screening, Skip, Suggestion, Tag
from taxonomy.models.trail import Batch, PassedOver, Seal

__all__ = [
    "ApiToken",
    "ApplicationDomain",
    "Batch",
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
    "Edition",
    "Landmark",
    "Language",
    "Lease",
    "Link",
    "LinkEvidence",
    "LinkText",
    "LoadedRecord",
    "LoginLink",
    "Paper",
    "PaperVersion",
    "PassedOver",
    "Screening",
    "Seal",
    "Skip",
    "Suggestion",
    "Tag",
    "Tally",
    "User",
    "VocabularyVersion",
]
