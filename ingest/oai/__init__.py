"""arXiv over OAI-PMH: what is asked, and what the answers say. Plain Python, no Django."""

from ingest.oai.answers import Deleted, Header, Headers, Identity, Malformed, Page
from ingest.oai.client import EARLIEST, PREFIXES, BadToken, Client, Selective, require_set

__all__ = [
    "EARLIEST",
    "PREFIXES",
    "BadToken",
    "Client",
    "Deleted",
    "Header",
    "Headers",
    "Identity",
    "Malformed",
    "Page",
    "Selective",
    "require_set",
]
