"""How tables are emptied after a test that commits: row by row, where rows are few.

TRUNCATE gives each of some ninety tables and their indexes new files, which takes longer than
most tests; and Django then writes every permission anew. Here what a test left is deleted,
and what each test finds anyway (permissions, content types) stays.
"""

from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

ALWAYS_THERE = {"auth_permission", "django_content_type"}
LARGE = 4_000_000  # bytes of one table: deleting so much would leave dead rows to later tests
EMPTY = """
DO $$
DECLARE
    one text;
    tables text[] := ARRAY[{names}];
BEGIN
    IF (SELECT max(pg_relation_size(format('%I', name)::regclass)) FROM unnest(tables) name)
        > {large} THEN
        TRUNCATE {tables};
    ELSE
        -- Neither foreign keys nor the triggers that keep the trail as it is are asked.
        PERFORM set_config('session_replication_role', 'replica', true);
        FOREACH one IN ARRAY tables LOOP
            EXECUTE format('DELETE FROM %I', one);
        END LOOP;
        PERFORM set_config('session_replication_role', 'origin', true);
    END IF;
END
$$
"""


def by_rows(operations, style, tables, *, reset_sequences=False, allow_cascade=False):
    """In place of Django's statement, as `flush` asks for it."""
    wanted = sorted(set(tables) - ALWAYS_THERE)
    if reset_sequences or not wanted:
        return truncating(
            operations,
            style,
            wanted,
            reset_sequences=reset_sequences,
            allow_cascade=allow_cascade,
        )
    names = ", ".join(f"'{name}'" for name in wanted)
    quoted = ", ".join(map(operations.quote_name, wanted))
    return [EMPTY.format(names=names, tables=quoted, large=LARGE)]


truncating = DatabaseOperations.sql_flush


def use():
    """For the whole of this test run."""
    DatabaseOperations.sql_flush = by_rows
    flush.emit_post_migrate_signal = lambda *args, **kwargs: None
