"""Inboxes are filled: what happened to what people follow becomes their notices.

One process at a time goes over what is new since the marks of the Gathered row, in a few
statements however many follow. The marks stay behind whatever may still be written by a
transaction under way: what lies beyond them is looked at again, and told once by its key.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from taxonomy import vocabulary
from taxonomy.models import Follow, Gathered, Tag, User
from taxonomy.search import find_papers
from taxonomy.talk.following import filter_of
from taxonomy.talk.inbox import count_unread
from taxonomy.vocabulary import Vocabulary

INTO = """
INSERT INTO taxonomy_notice
    (user_id, key, kind, paper_id, concept_id, decision_id, comment_id, search, version, at)
"""
ONCE = " ON CONFLICT (user_id, key) DO NOTHING RETURNING user_id"

# Accepted for a concept or something narrower, and not so before; or any verdict on a paper
# that is followed. What was taken back meanwhile is no news of the concept.
DECISIONS = f"""
WITH RECURSIVE above AS (
    SELECT id AS concept_id, id AS above_id FROM taxonomy_concept
    UNION SELECT a.concept_id, c.broader_id FROM above a
    JOIN taxonomy_concept c ON c.id = a.above_id WHERE c.broader_id IS NOT NULL
), happened AS (
    SELECT d.* FROM taxonomy_decision d WHERE d.id > %(decision)s
), heard AS (
    SELECT f.user_id, d.* FROM happened d JOIN taxonomy_follow f ON f.paper_id = d.paper_id
    WHERE d.created_at >= f.created_at
    UNION ALL
    SELECT f.user_id, d.* FROM happened d
    JOIN above a ON a.concept_id = d.concept_id
    JOIN taxonomy_follow f ON f.concept_id = a.above_id
    WHERE d.verdict = 'accept' AND d.created_at >= f.created_at
      AND EXISTS (SELECT FROM taxonomy_tag t
                  WHERE t.paper_id = d.paper_id AND t.concept_id = d.concept_id)
      AND 'accept' IS DISTINCT FROM (
          SELECT verdict FROM taxonomy_decision e
          WHERE e.paper_id = d.paper_id AND e.concept_id = d.concept_id AND e.id < d.id
          ORDER BY e.id DESC LIMIT 1)
)
{INTO}
SELECT DISTINCT ON (h.id, h.user_id) h.user_id, 'decision:' || h.id, 'decision', h.paper_id,
    h.concept_id, h.id, NULL::bigint, '', NULL::smallint, h.created_at
FROM heard h JOIN taxonomy_user u ON u.id = h.user_id AND u.is_active
WHERE h.actor_id IS DISTINCT FROM h.user_id
ORDER BY h.id, h.user_id {ONCE}
"""

# In one statement: what is told and what is kept as told are the same state of the paper.
CHANGES = f"""
WITH changed AS (
    SELECT f.id, f.user_id, p.id AS paper_id, p.version, p.revision, p.gone, p.at,
           p.gone AND NOT f.told_gone AS went, p.version > f.told_version AS grew
    FROM taxonomy_follow f JOIN (
        SELECT id, version, revision, withdrawn OR removed_at IS NOT NULL AS gone,
               coalesce(removed_at, fetched_at, clock_timestamp()) AS at
        FROM taxonomy_paper) p ON p.id = f.paper_id
    WHERE (p.version, p.gone) IS DISTINCT FROM (f.told_version, f.told_gone)
), told AS (
    UPDATE taxonomy_follow f SET told_version = c.version, told_gone = c.gone
    FROM changed c WHERE c.id = f.id
)
{INTO}
SELECT c.user_id,
    CASE WHEN went THEN 'gone:' || c.paper_id || ':' || c.revision
         ELSE 'version:' || c.paper_id || ':' || c.version END,
    CASE WHEN went THEN 'gone' ELSE 'version' END,
    c.paper_id, NULL::bigint, NULL::bigint, NULL::bigint, '', c.version, c.at
FROM changed c JOIN taxonomy_user u ON u.id = c.user_id AND u.is_active
WHERE went OR grew ORDER BY c.paper_id, c.user_id {ONCE}
"""

# Before comments: who is named hears that they are, also where they follow.
MENTIONS = f"""
{INTO}
SELECT m.user_id, 'comment:' || c.id, 'mention', c.paper_id, c.concept_id, NULL::bigint, c.id,
    '', NULL::smallint, m.created_at
FROM taxonomy_mention m JOIN taxonomy_comment c ON c.id = m.comment_id
JOIN taxonomy_user u ON u.id = m.user_id AND u.is_active
WHERE m.id > %(mention)s AND m.user_id <> c.author_id
  AND c.deleted_at IS NULL AND c.hidden_at IS NULL
ORDER BY m.id {ONCE}
"""
COMMENTS = f"""
{INTO}
SELECT f.user_id, 'comment:' || c.id, 'comment', c.paper_id, c.concept_id, NULL::bigint, c.id,
    '', NULL::smallint, c.created_at
FROM taxonomy_comment c
JOIN taxonomy_follow f ON f.paper_id = c.paper_id OR f.concept_id = c.concept_id
JOIN taxonomy_user u ON u.id = f.user_id AND u.is_active
WHERE c.id > %(comment)s AND c.created_at >= f.created_at AND f.user_id <> c.author_id
  AND c.deleted_at IS NULL AND c.hidden_at IS NULL
ORDER BY c.id, f.user_id {ONCE}
"""
FOUND = f"""
{INTO}
SELECT f.user_id, 'found:' || n.paper_id || ':' || md5(f.search), 'found', n.paper_id,
    NULL::bigint, NULL::bigint, NULL::bigint, f.search, NULL::smallint, n.at
FROM unnest(%(papers)s::bigint[], %(at)s::timestamptz[]) AS n (paper_id, at)
JOIN taxonomy_follow f ON f.search = %(search)s AND n.at >= f.created_at
JOIN taxonomy_user u ON u.id = f.user_id AND u.is_active
ORDER BY n.paper_id, f.user_id {ONCE}
"""

# Everything written before this moment has been committed: what is still under way began
# later. Two minutes for clocks that differ and processes that pause.
SETTLED = """
SELECT least(clock_timestamp(), min(xact_start)) - interval '2 minutes'
FROM pg_stat_activity
WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""
# Ids are given when rows are written, so what is not committed yet comes after these.
MARK = """
UPDATE taxonomy_gathered SET {column} = coalesce(
    (SELECT max(id) FROM {table} WHERE id > {column} AND {at} < %(settled)s), {column})
"""
MARKS = (
    ("decision", "taxonomy_decision", "created_at"),
    ("paper", "taxonomy_paper", "added_at"),
    ("comment", "taxonomy_comment", "created_at"),
    ("mention", "taxonomy_mention", "created_at"),
)


@transaction.atomic
def gather() -> int:
    """Tell everyone what is new; how many notices that made. None while another does it."""
    Gathered.objects.get_or_create(id=1)
    mark = Gathered.objects.select_for_update(skip_locked=True).first()
    if mark is None:
        return 0
    settled = _one(SETTLED)
    values = {"decision": mark.decision, "comment": mark.comment, "mention": mark.mention}
    told: list[int] = []
    for statement in (DECISIONS, CHANGES, MENTIONS, COMMENTS):
        told += _told(statement, values)
    told += _tell_searches(mark)
    for column, table, at in MARKS:
        with connection.cursor() as cursor:
            cursor.execute(MARK.format(column=column, table=table, at=at), {"settled": settled})
    if told:
        # Locked in one order, and after it with another look: a reader may just be reading.
        users = User.objects.filter(pk__in=set(told)).order_by("pk")
        count_unread([user.pk for user in users.select_for_update(no_key=True)])
    return len(told)


def _tell_searches(mark: Gathered) -> list[int]:
    """One query a search, however many follow it."""
    searches = Follow.objects.exclude(search="").filter(user__is_active=True)
    terms = vocabulary.current()
    told: list[int] = []
    for search in searches.order_by("search").values_list("search", flat=True).distinct():
        if found := _new_papers(search, mark, terms):
            papers, at = zip(*found, strict=True)
            values = {"papers": list(papers), "at": list(at), "search": search}
            told += _told(FOUND, values)
    return told


def _new_papers(search: str, mark: Gathered, terms: Vocabulary) -> list[tuple[int, datetime]]:
    """Papers that came, or came onto the map where the search asks for that, since the mark;
    and when."""
    wanted = filter_of(search)
    tags = Tag.objects.filter(paper=OuterRef("pk"))
    new = tags.filter(decision__gt=mark.decision)
    fresh = Q(pk__gt=mark.paper)
    for slug in filter(None, (wanted.challenge, wanted.domain)):
        if term := terms.by_slug.get(slug):
            fresh |= Q(Exists(new.filter(concept=term.id)))
    if wanted.tagged:
        fresh |= Q(Exists(new)) & ~Q(Exists(tags.filter(decision__lte=mark.decision)))
    found = find_papers(wanted, terms).filter(fresh)
    if not (wanted.challenge or wanted.domain or wanted.tagged):
        return list(found.values_list("pk", "added_at"))
    tagged_at = new.order_by("-decision").values("decision__created_at")[:1]
    at = Greatest("added_at", Subquery(tagged_at, output_field=DateTimeField()))
    return list(found.values_list("pk", at))


def _told(statement: str, values: Mapping[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [user_id for (user_id,) in cursor.fetchall()]


def _one(statement: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (value,) = cursor.fetchone()
    assert isinstance(value, datetime)
    return value
