"""The learning curve: its command and its picture."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from ingest.models import Measurement
from ingest.suggest import curve
from tests.ingest.suggest import made_up
from tests.ingest.suggest.made_up import SUBJECTS
from tests.ingest.suggest.rows import concepts

PAGE = reverse("ingest:suggester")


def test_the_more_it_has_learned_from_the_better_it_is():
    points = curve.measure(SUBJECTS, made_up.examples(200))
    assert [point["labelled"] for point in points] == [0, 50, 160]
    assert points[0]["ndcg@5"] < points[-1]["ndcg@5"]


def test_the_curve_is_the_same_every_time():
    found = made_up.examples(120)
    assert curve.measure(SUBJECTS, found) == curve.measure(SUBJECTS, found)


@pytest.mark.django_db
def test_the_command_prints_the_curve_and_the_page_shows_it(client, tmp_path, capsys):
    concepts()
    path = tmp_path / "labels.jsonl"
    made_up.write_labels(path, made_up.examples(120))
    assert 'id="curve"' not in client.get(PAGE).text
    call_command("measure_learning", labels=path)
    points = json.loads(capsys.readouterr().out)["points"]
    page = client.get(PAGE).text
    assert page.count('<polyline points="') == 2
    for point in points:
        assert f'<th scope="row">{point["labelled"]}</th>' in page
        assert f'<td class="num">{point["ndcg@5"]:.3f}</td>' in page


@pytest.mark.django_db
def test_too_few_labelled_papers_are_refused(tmp_path):
    concepts()
    path = tmp_path / "labels.jsonl"
    made_up.write_labels(path, made_up.examples(10))
    with pytest.raises(CommandError, match="too few"):
        call_command("measure_learning", labels=path)
    assert not Measurement.objects.exists()
