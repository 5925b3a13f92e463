"""Names that were written down as words, where no key points to the account."""

from collections.abc import Callable

from taxonomy.models import Batch

Rename = Callable[[str, str], None]
_tables: list[Rename] = []


def also_rename(rename: Rename) -> None:
    """Another app says how a name is replaced in its own tables; called once, as it starts."""
    _tables.append(rename)


def replace_name(old: str, new: str) -> None:
    """In every table that was told of, and in what batches of decisions were about."""
    for batch in Batch.objects.filter(selection__person=old):
        batch.selection["person"] = new
        batch.save(update_fields=["selection"])
    for rename in _tables:
        rename(old, new)
