"""A backup brings everything back; a bad one changes nothing."""

import tarfile

import pytest
from django.core.management import CommandError, call_command

from taxonomy import counts
from taxonomy.models import Decision, Paper, Tag
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory
from tests.taxonomy.test_curation import decide

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path, settings):
    """A backup of one tagged paper and one model; made from a home of its own."""
    settings.KADAI_HOME = tmp_path / "home"
    (tmp_path / "home" / "models").mkdir(parents=True)
    (tmp_path / "home" / "models" / "default-1.npz").write_text("weights")
    decide(PaperFactory(title="Kept"), ConceptFactory(), CuratorFactory())
    call_command("backup", tmp_path / "kadai.tar")
    return tmp_path / "kadai.tar"


def test_what_came_after_the_backup_is_gone_and_what_was_before_is_back(file, settings):
    before = counts.totals()
    PaperFactory(title="Later")
    (settings.KADAI_HOME / "models" / "default-1.npz").unlink()
    call_command("restore", file, replace=True)
    assert [paper.title for paper in Paper.objects.all()] == ["Kept"]
    assert (Decision.objects.count(), Tag.objects.count()) == (1, 1)
    assert counts.totals() == before
    assert (settings.KADAI_HOME / "models" / "default-1.npz").read_text() == "weights"


def test_papers_are_not_replaced_unasked(file):
    with pytest.raises(CommandError, match="Add --replace"):
        call_command("restore", file)


def test_another_file_is_refused_and_nothing_changes(file, tmp_path):
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as tar:
        tar.add(file, "something")
    for bad in (other, tmp_path / "home" / "models" / "default-1.npz", tmp_path / "none"):
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("restore", bad, replace=True)
    assert Paper.objects.get().title == "Kept"


def test_a_folder_that_cannot_be_written_is_named(file, tmp_path):
    (tmp_path / "blocked").write_text("")
    with pytest.raises(CommandError, match="Cannot write"):
        call_command("backup", tmp_path / "blocked" / "kadai.tar")
