"""Names that were written down as words, where no key points to the account."""

from collections.abc import Callable

Rename = Callable[[str, str], None]
_tables: list[Rename] = []


def also_rename(rename: Rename) -> None:
    """Another app says how a name is replaced in its own tables; called once, as it starts."""
    _tables.append(rename)


def replace_name(old: str, new: str) -> None:
    """In every table that was told of."""
    for rename in _tables:
        rename(old, new)
