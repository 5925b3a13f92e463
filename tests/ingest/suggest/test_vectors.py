"""Words and pairs as numbers."""

import numpy as np
import pytest

from ingest.suggest.reading import Reading
from ingest.suggest.text import raw_words, stems
from ingest.suggest.vectors import TITLE_SHARE, learn_features

TEXTS = ["cats chase dogs", "dogs chase cats", "cats chase mice of the house"]


@pytest.fixture
def features():
    return learn_features([stems(raw_words(text)) for text in TEXTS], least=2)


def named(features, title, abstract):
    row = features.transform(Reading.of([(title, abstract)]))
    return {
        (features.name(column), column >= features.width): round(float(value), 4)
        for column, value in zip(row.indices, row.data, strict=True)
    }


def test_what_is_in_one_text_alone_is_not_counted(features):
    names = [features.name(column) for column in range(features.width)]
    assert names == ["cat", "chas", "dog", "cat chas"]


def test_the_title_has_a_block_of_its_own(features):
    found = named(features, "Dogs", "cats")
    assert found["dog", True] == pytest.approx(TITLE_SHARE)
    assert set(found) == {("dog", False), ("cat", False), ("dog", True)}


def test_rows_have_length_one(features):
    rows = features.transform(Reading.of([("", text) for text in TEXTS]))
    assert np.linalg.norm(rows.toarray(), axis=1) == pytest.approx([1, 1, 1])


def test_no_pair_goes_from_title_to_abstract_or_from_paper_to_paper(features):
    rows = features.transform(Reading.of([("cat", "chase"), ("cat", "chase")]))
    assert {features.name(column) for column in rows.indices} == {"cat", "chas"}


def test_papers_without_known_words_are_empty_rows(features):
    rows = features.transform(Reading.of([("", ""), ("zebra", "")]))
    assert rows.shape == (2, 2 * features.width)
    assert rows.nnz == 0


def test_values_of_occurrences_are_those_of_a_row(features):
    papers = [("dogs chase cats", "cats, cats chase mice"), ("", "dogs"), ("cats", "")]
    reading = Reading.of(papers)
    rows = features.transform(reading).toarray()
    found = features.occurrences(reading, [0, 2])
    for paper, row in enumerate(rows[[0, 2]]):
        part = slice(found.starts[paper], found.starts[paper + 1])
        whole, title = row[: features.width], row[features.width :]
        columns, titled = found.columns[part], found.fields[part] == 0
        assert found.values[part] == pytest.approx(whole[columns])
        assert found.title_values[part][titled] == pytest.approx(title[columns[titled]])
        assert not found.title_values[part][~titled].any()
        assert set(columns) == set(np.flatnonzero(whole))
        assert set(columns[titled]) == set(np.flatnonzero(title))


def test_places_of_what_is_counted(features):
    reading = Reading.of([("a dog", "a dog"), ("cat", "The cats chase a dog")])
    found = features.occurrences(reading, [1])
    names = [features.name(column) for column in found.columns]
    assert sorted(zip(found.fields, found.firsts, found.lasts, names, strict=True)) == [
        (0, 0, 1, "cat"),
        (1, 1, 2, "cat"),
        (1, 1, 3, "cat chas"),
        (1, 2, 3, "chas"),
        (1, 4, 5, "dog"),
    ]
