"""Which labelled papers are learned from and which are judged."""

import gzip
import json
import random
from pathlib import Path

FOLDS = 5
SOURCE_FOLDS = 8


def lines(path):
    raw = Path(path).read_bytes()
    text = gzip.decompress(raw) if str(path).endswith(".gz") else raw
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def fold_numbers(count, folds, seed=0):
    numbers = [number % folds for number in range(count)]
    random.Random(seed).shuffle(numbers)
    return numbers


def source_numbers(found, folds):
    """Fold of each paper by its first source: the largest sources first, evenly filled."""
    first = [(one.get("sources") or ["?"])[0] for one in found]
    sizes = {name: first.count(name) for name in set(first)}
    filled = [0] * folds
    fold_of = {}
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        fold_of[name] = filled.index(min(filled))
        filled[fold_of[name]] += sizes[name]
    return [fold_of[name] for name in first]
