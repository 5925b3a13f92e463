"""Is the Japanese complete, its placeholders whole, and the compiled file up to date?"""

import re
import sys
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message, mofile, pofile

FOLDER = Path("locale/ja/LC_MESSAGES")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _texts(message: Message) -> list[str]:
    """One text for each plural form of the language; babel has them in three types."""
    found = message.string
    return [found] if isinstance(found, str) else list(found or ())


def _compiled(catalog: Catalog, message: Message) -> Message:
    """The same message in a catalog read from a .mo file, where babel leaves contexts bytes."""
    context: Any = message.context.encode() if message.context else None
    return catalog.get(message.id, context) or Message("")


def problems() -> list[str]:
    with (FOLDER / "django.po").open("rb") as file:
        catalog = pofile.read_po(file, locale="ja")
    found = []
    for message in catalog:
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        texts = _texts(message)
        if not all(texts):
            found.append(f"not translated: {source!r}")
        elif message.fuzzy:
            found.append(f"fuzzy: {source!r}")
        elif any(_placeholders(text) - _placeholders(source) for text in texts):
            found.append(f"placeholder not in the source: {source!r}")
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = mofile.read_mo(file)
    stale = [m.id for m in catalog if m.id and _texts(_compiled(compiled, m)) != _texts(m)]
    if stale:
        found.append(
            f"django.mo is older than django.po ({len(stale)} messages): make messages"
        )
    return found


if __name__ == "__main__":
    lines = problems()
    print("\n".join(lines) or "translations: complete")
    sys.exit(1 if lines else 0)
