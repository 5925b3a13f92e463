"""Phrases that recent papers share and no concept covers: candidates for new concepts.

A phrase is two to four words in normal form. A term is told from a turn of speech by two
habits: a paper about it repeats it, and puts it into the title. How fast it grows is the
log-odds ratio of its share of papers, recent against before, in standard errors (Monroe,
Colaresi and Quinn 2008, "Fightin' Words", with a flat prior). Phrases that stand in mostly
the same papers are one candidate.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from ingest.suggest.lexical import Lexicon
from ingest.suggest.text import STOP_WORDS, raw_words, stems

LONGEST = 4
LEAST_PAPERS = 8  # that share a phrase
MOST_SHARE = 0.05  # of the papers: what is in more is about all of them
LEAST_TITLES = 3  # papers that name it in the title
LEAST_SHARE_OF_TITLES = 0.15
LEAST_REPEATS = 1.3  # times a paper that has it says it
GROWTH_SCALE = 3.0  # standard errors of growth that weigh as much as e times the papers
SAME_PAPERS = 0.5  # of the papers of both: two phrases are one candidate
MOST = 60
PRIOR = 0.5
SAMPLE = 5

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """`phrases` as most papers write them, most frequent first; `rows` of recent papers."""

    phrases: tuple[str, ...]
    rows: tuple[int, ...]
    before: int  # papers before that have the first phrase
    growth: float


def find(
    recent: Sequence[tuple[str, str]], before: Sequence[tuple[str, str]], lexicon: Lexicon
) -> list[Candidate]:
    """Weightiest first; `recent` and `before` are (title, abstract)."""
    texts = [_sentences(*paper) for paper in recent]
    found = _shared_phrases(texts)
    most = max(LEAST_PAPERS, MOST_SHARE * len(recent))
    found = {
        phrase: rows
        for phrase, rows in found.items()
        if len(rows) <= most and not _is_covered(phrase, lexicon)
    }
    earlier = _count(found.keys(), (_sentences(*paper) for paper in before))
    growth = {
        phrase: _growth(len(rows), len(recent), earlier[phrase], len(before))
        for phrase, rows in found.items()
    }
    weight = {
        phrase: term * exp(growth[phrase] / GROWTH_SCALE)
        for phrase, term in _terms(found, texts).items()
    }
    groups = _groups({phrase: found[phrase] for phrase in weight}, weight)[:MOST]
    written = _as_written({phrase for group in groups for phrase in group}, recent)
    return [
        Candidate(
            tuple(dict.fromkeys(written[phrase] for phrase in group)),
            tuple(sorted(found[group[0]])),
            earlier[group[0]],
            round(growth[group[0]], 2),
        )
        for group in groups
    ]


def _sentences(title: str, abstract: str) -> list[list[str]]:
    """Normal forms, cut where no phrase goes on."""
    parts = [title, *abstract.replace(";", ".").replace(":", ".").split(".")]
    return [stems(raw_words(part)) for part in parts]


def _shared_phrases(texts: Sequence[list[list[str]]]) -> dict[Phrase, set[int]]:
    """Phrases that enough papers have, built up word by word: a longer one only of shared ones.

    A phrase whose papers nearly all have a longer one of them is left to the longer one.
    """
    shared: dict[Phrase, set[int]] = {}
    shorter: set[Phrase] | None = None
    for length in range(1, LONGEST + 1):
        rows: dict[Phrase, set[int]] = defaultdict(set)
        for row, sentences in enumerate(texts):
            for phrase in _runs(sentences, length):
                if shorter is None or (phrase[:-1] in shorter and phrase[1:] in shorter):
                    rows[phrase].add(row)
        kept = {
            phrase: papers for phrase, papers in rows.items() if len(papers) >= LEAST_PAPERS
        }
        if length > 1:
            whole = {phrase: papers for phrase, papers in kept.items() if _is_whole(phrase)}
            for phrase, papers in whole.items():
                for part in (phrase[:-1], phrase[1:]):
                    if part in shared and len(papers) >= 0.7 * len(shared[part]):
                        del shared[part]
            shared |= whole
        shorter = set(kept)
    return shared


def _runs(sentences: Iterable[Sequence[str]], length: int) -> Iterator[Phrase]:
    for words in sentences:
        for at in range(len(words) - length + 1):
            yield tuple(words[at : at + length])


def _is_whole(phrase: Phrase) -> bool:
    """Begins and ends with a word that says something."""
    ends = (phrase[0], phrase[-1])
    return not any(word in STOP_WORDS or word.isdigit() or len(word) < 3 for word in ends)


def _is_covered(phrase: Phrase, lexicon: Lexicon) -> bool:
    """A label of the vocabulary stands in it."""
    return next(lexicon.matches(phrase, phrase), None) is not None


def _terms(
    found: dict[Phrase, set[int]], texts: Sequence[list[list[str]]]
) -> dict[Phrase, float]:
    """How much a phrase behaves like a term, by the root of its papers; others left out."""
    lengths = {len(phrase) for phrase in found}
    said: Counter[Phrase] = Counter()
    titles: Counter[Phrase] = Counter()
    for sentences in texts:
        for length in lengths:
            said.update(run for run in _runs(sentences, length) if run in found)
            titles.update({run for run in _runs(sentences[:1], length) if run in found})
    weight = {}
    for phrase, rows in found.items():
        repeats, in_titles = said[phrase] / len(rows), titles[phrase] / len(rows)
        if (
            titles[phrase] >= LEAST_TITLES
            and in_titles >= LEAST_SHARE_OF_TITLES
            and repeats >= LEAST_REPEATS
        ):
            weight[phrase] = repeats * in_titles * sqrt(len(rows))
    return weight


def _count(phrases: Iterable[Phrase], texts: Iterable[list[list[str]]]) -> Counter[Phrase]:
    wanted = set(phrases)
    lengths = {len(phrase) for phrase in wanted}
    counts: Counter[Phrase] = Counter()
    for sentences in texts:
        runs = {run for length in lengths for run in _runs(sentences, length)}
        counts.update(runs & wanted)
    return counts


def _growth(now: int, papers_now: int, before: int, papers_before: int) -> float:
    """Standard errors by which the log odds grew; with none before, against half of now."""
    if not papers_before:
        before, papers_before = now // 2, papers_now
    odds_now = (now + PRIOR) / (papers_now - now + PRIOR)
    odds_before = (before + PRIOR) / (papers_before - before + PRIOR)
    error = sqrt(1 / (now + PRIOR) + 1 / (before + PRIOR))
    return (log(odds_now) - log(odds_before)) / error


def _groups(found: dict[Phrase, set[int]], weight: dict[Phrase, float]) -> list[list[Phrase]]:
    """Weightiest first; a phrase joins the first group whose leader has mostly its papers."""
    groups: list[list[Phrase]] = []
    for phrase in sorted(found, key=lambda phrase: (-weight[phrase], phrase)):
        mine = found[phrase]
        for group in groups:
            theirs = found[group[0]]
            if len(mine & theirs) >= SAME_PAPERS * min(len(mine), len(theirs)):
                group.append(phrase)
                break
        else:
            groups.append([phrase])
    return groups


def _as_written(wanted: set[Phrase], papers: Iterable[tuple[str, str]]) -> dict[Phrase, str]:
    """The commonest spelling of each phrase, lower case unless most write capitals."""
    lengths = {len(phrase) for phrase in wanted}
    spellings: dict[Phrase, Counter[str]] = defaultdict(Counter)
    for title, abstract in papers:
        raw = raw_words(f"{title}. {abstract}")
        normal = stems(raw)
        for length in lengths:
            for at in range(len(raw) - length + 1):
                phrase = tuple(normal[at : at + length])
                if phrase in wanted:
                    spellings[phrase][" ".join(raw[at : at + length])] += 1
    return {
        phrase: max(spellings[phrase].items(), key=lambda item: (item[1], item[0]))[0]
        if spellings[phrase]
        else " ".join(phrase)
        for phrase in wanted
    }
