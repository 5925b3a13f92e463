"""Sessions in the database, each with whose it is, so that they can be listed and ended."""

from typing import Any, cast

from django.contrib.sessions.backends import db
from django.utils import timezone

from taxonomy.models import Session
from taxonomy.models.composed import fetch

_COLUMNS = [field.attname for field in Session._meta.concrete_fields]
ALIVE = f"""
SELECT {", ".join(_COLUMNS)} FROM taxonomy_session
WHERE session_key = %s AND expire_date > %s
"""
BEGAN, ADDRESS, AGENT = "began", "address", "agent"  # noted at the sign-in


class SessionStore(db.SessionStore):
    """Django's own, with columns that repeat what the session holds."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        for row in fetch(ALIVE, self.session_key, timezone.now()):
            return Session.from_db(None, _COLUMNS, row)
        # Notes what is suspicious, and makes a new one.
        anew = super()._get_session_from_db()  # type: ignore[misc]  # not in its stubs
        return cast("Session | None", anew)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get("_auth_user_id")
        row.began_at = data.get(BEGAN)
        row.address = data.get(ADDRESS)
        row.agent = data.get(AGENT, "")
        return row
