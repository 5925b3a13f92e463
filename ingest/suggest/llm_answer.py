"""What is taken from a language model's answer: known concepts and probabilities. Plain Python.

Whatever a paper's text has made a model say, nothing else gets through.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Final

LONGEST: Final = 20_000  # characters; every concept with a number takes a few thousand
_FENCE: Final = re.compile(r"\s*```(?:json)?\s*(?P<inside>.*?)\s*```\s*", re.DOTALL)


class Unusable(Exception):
    """An answer that says nothing about the paper; the text says why."""


def probabilities(answer: str, slugs: Sequence[str]) -> dict[str, float]:
    """By slug, between 0 and 1; a concept that is not named is left out.

    Reads one JSON object, also inside a code fence. Its keys are numbers of the choices or
    slugs; what is neither, and what is no number, is dropped. Unusable if it is no object, or
    if it names something and nothing of it can be used.
    """
    if not answer.strip():
        raise Unusable("The answer was empty.")
    if len(answer) > LONGEST:
        raise Unusable(f"The answer was longer than {LONGEST:,} characters.")
    named = _object(answer)
    known = {slug: slug for slug in slugs}
    known |= {str(number): slug for number, slug in enumerate(slugs, start=1)}
    found: dict[str, float] = {}
    for key, value in named.items():
        slug, chance = known.get(key.strip()), _chance(value)
        if slug is not None and chance is not None:
            found[slug] = max(chance, found.get(slug, 0.0))
    if named and not found:
        raise Unusable("The answer named no concept of the list with a probability.")
    return found


def _object(answer: str) -> dict[str, Any]:
    fenced = _FENCE.fullmatch(answer)
    try:
        found = json.loads(fenced["inside"] if fenced else answer)
    except (ValueError, RecursionError):
        raise Unusable("The answer was not JSON.") from None
    if not isinstance(found, dict):
        raise Unusable("The answer was not a JSON object.")
    return found


def _chance(value: object) -> float | None:
    """Clipped to [0, 1]; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(min(max(value, 0), 1))
