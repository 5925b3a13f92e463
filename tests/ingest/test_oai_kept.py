"""Records of OAI-PMH that were refused, read again from what was kept of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import refusals
from ingest.feed import Entry, Form, Refused
from ingest.models import Refusal
from ingest.oai.answers import parse_records
from ingest.oai.kept import read_record
from taxonomy.models import Paper
from tests.factories import PaperFactory, RefusalFactory
from tests.ingest.oai_answers import listing, record_of
from tests.ingest.server import FIRST, Record, made_up

GOOD = record_of(Record("2506.00002", FIRST, title="It has a title"))


@pytest.mark.parametrize(("prefix", "form"), [("arXivRaw", Form.RAW), ("arXiv", Form.SPLIT)])
def test_a_kept_record_is_read_as_it_was_in_its_list(prefix, form):
    raw = record_of(Record("2506.00002", FIRST, comment="A <comment>"), prefix)
    entry = read_record(raw)
    assert [entry] == list(parse_records(listing([raw]).encode()).entries)
    assert (entry.arxiv_id, entry.form, entry.comment) == ("2506.00002", form, "A <comment>")


def test_what_was_refused_in_a_list_is_refused_alone_for_the_same_reason():
    raw = record_of(Record("2506.00002", FIRST, title=""))
    (kept,) = parse_records(listing([raw]).encode()).refused
    assert read_record(kept.raw).reason == kept.reason == "no title"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "<record>",
        GOOD + GOOD.replace("2506.00002", "2506.00003"),
        record_of(Record("2506.00002", FIRST, deleted=True)),
        "</ListRecords><error code='badVerb'/><ListRecords>",
    ],
)
def test_what_is_not_one_record_of_a_paper_is_refused_again(raw):
    assert isinstance(read_record(raw), Refused)


@given(st.text(max_size=200) | st.text("<>/record head%s&;\x00\ud800 ", max_size=200))
def test_no_kept_text_is_too_odd_to_be_read_again(text):
    assert isinstance(read_record(text), Refused)
    assert isinstance(read_record(GOOD + text), Entry | Refused)


@pytest.mark.django_db
def test_a_record_that_can_be_read_now_is_taken_in(keeper):
    refusal = RefusalFactory(raw=GOOD, harvest__way="oai")
    assert refusals.retry(refusal, by=keeper).outcome == "taken"
    assert Paper.objects.get().title == "It has a title"


@pytest.mark.django_db
@pytest.mark.parametrize(("known", "outcome"), [(True, "taken"), (False, "unwanted")])
def test_a_run_after_known_papers_wants_no_others(keeper, known, outcome):
    if known:
        PaperFactory(arxiv_id="2506.00002")
    refusal = RefusalFactory(raw=GOOD, harvest__way="oai", harvest__known_only=True)
    assert refusals.retry(refusal, by=keeper).outcome == outcome


@pytest.mark.django_db
def test_a_record_in_the_other_form_is_taken_in_as_well(keeper):
    raw = record_of(made_up(1)[0], "arXiv")
    refusal = RefusalFactory(raw=raw, harvest__way="oai")
    row = refusals.retry(refusal, by=keeper)
    assert (row.outcome, Paper.objects.count()) == ("taken", 1)


@pytest.mark.django_db
def test_a_record_that_the_database_refused_keeps_the_form_it_came_in(keeper):
    run = RefusalFactory(harvest__way="oai").harvest
    Refusal.of_entry(run, read_record(GOOD), "value too long").save()
    refusal = Refusal.objects.get(is_parsed=True)
    assert refusals.retry(refusal, by=keeper).outcome == "taken"
    assert Paper.objects.get().arxiv_id == "2506.00002"
