"""The verbs of a curator's own desk: its keys, its goal, the queues they come back to."""

import json
from collections.abc import Mapping

from taxonomy.desk_keys import ACTS
from taxonomy.models import DeskSettings, SavedView, User
from taxonomy.models.composed import fetch

SETTINGS = "SELECT keys, daily_goal FROM taxonomy_desksettings WHERE curator_id = %s"


def settings_of(curator: User) -> DeskSettings:
    """What they have set, or an unsaved row of nothing. One query."""
    for keys, goal in fetch(SETTINGS, curator.pk):
        return DeskSettings(curator=curator, keys=json.loads(keys), daily_goal=goal)
    return DeskSettings(curator=curator)


def set_desk(*, curator: User, keys: Mapping[str, str], daily_goal: int | None) -> None:
    """Of the keys only those are kept that differ from ours: better ones of ours reach all."""
    own = {act.name: keys[act.name] for act in ACTS if keys.get(act.name, act.key) != act.key}
    DeskSettings.objects.update_or_create(
        curator=curator, defaults={"keys": own, "daily_goal": daily_goal}
    )


def save_view(*, curator: User, name: str, query: str) -> SavedView:
    """The queue under this name, in place of another that had it."""
    view, _ = SavedView.objects.update_or_create(
        curator=curator, name=name, defaults={"query": query}
    )
    return view


def forget_view(*, curator: User, pk: int) -> bool:
    """Whether they had it: nobody removes what is another's."""
    deleted, _ = SavedView.objects.filter(curator=curator, pk=pk).delete()
    return bool(deleted)
