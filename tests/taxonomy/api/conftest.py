"""Who asks the API."""

import pytest

from taxonomy import curation, people
from taxonomy.curation import Actor

API = "/api/v1/"


@pytest.fixture
def bearer(curator):
    """The header of a curator's token, by scope."""

    def header(scope="curate", user=curator):
        return {"authorization": f"Bearer {people.issue_token(user, 'a script', scope)}"}

    return header


@pytest.fixture
def accept(curator):
    """Tag papers as the curator would."""

    def tag(paper, *concepts):
        for concept in concepts:
            curation.decide(
                paper=paper, concept=concept, verdict="accept", actor=Actor.person(curator)
            )

    return tag
