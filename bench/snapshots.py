"""Make a metadata snapshot to load: as many papers as wanted, the same ones each time.

    python -m bench.snapshots OUT --papers 1000000 [--corpus FILE]

FILE holds papers as JSON lines with arxiv_id, title, abstract, authors, published,
updated, version, categories, comment; each is used again and again with another id and one
word in eight put in from other papers. Without it the papers are wholly made up, of words
whose frequencies fall as in real text. OUT is gzip where its name ends so.
"""

import argparse
import gzip
import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST_YEAR = 2015  # since then ids have five digits
A_MONTH = 9_000  # papers with an id of the same month
ONE_WORD_IN = 8
VOCABULARY = 60_000  # made-up words
LICENCE = "http://creativecommons.org/licenses/by/4.0/"
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi xo zu kra ple sti tron ment".split()


def write(out: Path, papers: int, corpus: Path | None = None, *, varied: bool = True) -> None:
    """The snapshot file, a line a paper, in the order of the ids.

    Not `varied`: texts come again as they are in the corpus.
    """
    models = _read(corpus) if corpus else list(itertools.islice(_invented(), 4_000))
    words = [word for model in models for word in model["abstract"].split() if word.isalpha()]
    words = words if varied else []
    with gzip.open(out, "wb", 1) if out.suffix == ".gz" else out.open("wb") as file:
        for number in range(papers):
            paper = _paper(number, models[number % len(models)], words)
            file.write(json.dumps(paper).encode() + b"\n")


def _read(corpus: Path) -> list[dict[str, Any]]:
    with gzip.open(corpus) if corpus.suffix == ".gz" else corpus.open("rb") as file:
        return [json.loads(line) for line in file]


def _paper(number: int, model: dict[str, Any], words: list[str]) -> dict[str, Any]:
    """One record in the form that arXiv publishes."""
    chance = random.Random(number)
    month, order = divmod(number, A_MONTH)
    year, month = FIRST_YEAR + month // 12, month % 12 + 1
    submitted = datetime(year, month, 1, tzinfo=UTC) + timedelta(minutes=4 * order)
    versions = [submitted + timedelta(days=40 * n) for n in range(model.get("version", 1))]
    return {
        "id": f"{year % 100:02d}{month:02d}.{order + 1:05d}",
        "submitter": model["authors"][0] if model["authors"] else None,
        "authors": ", ".join(model["authors"]),
        "title": _varied(model["title"], words, chance),
        "comments": model.get("comment") or None,
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": " ".join(model["categories"]),
        "license": LICENCE,
        "abstract": f"  {_wrapped(_varied(model['abstract'], words, chance))}\n",
        "versions": [
            {"version": f"v{n}", "created": f"{at:%a, %-d %b %Y %H:%M:%S} GMT"}
            for n, at in enumerate(versions, start=1)
        ],
        "update_date": f"{versions[-1]:%Y-%m-%d}",
        "authors_parsed": [_parsed(name) for name in model["authors"]],
    }


def _varied(text: str, words: list[str], chance: random.Random) -> str:
    """With other words put in here and there, if there are any."""
    found = text.split()
    for _ in range(max(1, len(found) // ONE_WORD_IN) if words else 0):
        found[int(chance.random() * len(found))] = words[int(chance.random() * len(words))]
    return " ".join(found)


def _wrapped(text: str) -> str:
    """In lines, as authors send abstracts."""
    found = text.split()
    return "\n".join(" ".join(found[at : at + 11]) for at in range(0, len(found), 11))


def _parsed(name: str) -> list[str]:
    forenames, _, keyname = name.rpartition(" ")
    return [keyname, forenames, ""]


def _invented() -> Iterator[dict[str, Any]]:
    """Papers of made-up words; the n-th word is drawn in proportion to 1/n."""
    chance = random.Random(0)
    lengths = [chance.randint(1, 5) for _ in range(VOCABULARY)]
    known = ["".join(chance.choices(SYLLABLES, k=length)) for length in lengths]
    weights = list(itertools.accumulate(1 / (n + 10) for n in range(VOCABULARY)))
    common = "the of and a to in we for that is on with are by this as model".split()
    while True:
        text = chance.choices(known, cum_weights=weights, k=120) + chance.choices(common, k=60)
        chance.shuffle(text)
        yield {
            "title": " ".join(chance.choices(known, cum_weights=weights, k=9)).capitalize(),
            "abstract": " ".join(text).capitalize() + ".",
            "authors": [f"Author {chance.choice(known).capitalize()}" for _ in range(5)],
            "categories": ["cs.CL", "cs.AI"],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--papers", type=int, default=1_000_000)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    write(options.out, options.papers, options.corpus)


if __name__ == "__main__":
    main()
