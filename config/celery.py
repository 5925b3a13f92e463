"""The Celery app: same tasks, same guarantees on PostgreSQL, Redis and RabbitMQ."""

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.signals import worker_ready
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES
from psycopg.conninfo import make_conninfo

TRANSPORT_ALIASES["pgmq"] = "config.broker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Seconds until a task whose worker died is given to another. Tasks are short (one page,
# one batch) and safe to run twice, so this may be short as well.
VISIBILITY_TIMEOUT = 300


def broker_options() -> dict[str, Any]:
    """Celery's settings for the broker in use: PGMQ on the own database by default."""
    if settings.CELERY_BROKER_URL:
        return {
            "broker_url": settings.CELERY_BROKER_URL,
            "broker_transport_options": {"visibility_timeout": VISIBILITY_TIMEOUT},
        }
    database: dict[str, Any] = settings.DATABASES["default"]
    options = {**database.get("OPTIONS", {})}
    options.pop("prepare_threshold", None)  # psycopg's own, nothing that libpq knows
    dsn = make_conninfo(
        host=database["HOST"],
        port=database.get("PORT") or None,
        dbname=database["NAME"],
        user=database["USER"],
        password=database.get("PASSWORD") or None,
        **options,
    )
    return {
        "broker_url": "pgmq://",
        "broker_transport_options": {
            # As a string of its own: the transport drops the query part of a URL, and a
            # Unix socket can be named only there.
            "conn_string": dsn,
            "init_extension": False,  # installed by a migration, as plain SQL
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "use_notify": True,
            "wait_time_seconds": 0,
            # A worker that was busy hears of no message that came meanwhile until it looks.
            "polling_interval": 0.5,
            "pool_size": 2,
        },
    }


app = Celery("kadai")
app.conf.update(
    **broker_options(),
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_max_memory_per_child=450_000,  # KiB
    # Remote control needs a queue name that is too long for PGMQ; nothing here uses it.
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue="kadai",
    timezone="UTC",
    beat_schedule_filename=str(settings.KADAI_HOME / "beat-schedule"),
    beat_schedule={
        "pull-due-queries": {
            "task": "ingest.tasks.pull_due",
            "schedule": timedelta(minutes=1),
            "options": {"expires": 55} if settings.CELERY_BROKER_URL else {},
        },
        "read-daily-listing": {
            "task": "ingest.tasks.read_listing",
            "schedule": timedelta(minutes=5),
        },
        "audit-due-sets": {
            "task": "ingest.tasks.audit_due",
            "schedule": timedelta(minutes=2),
        },
        "suggest-for-waiting-papers": {
            "task": "ingest.suggest.tasks.suggest_waiting",
            "schedule": timedelta(minutes=1),
        },
        "update-from-decisions": {
            "task": "ingest.suggest.tasks.update_from_decisions",
            "schedule": timedelta(seconds=5),
            "options": {"expires": 5} if settings.CELERY_BROKER_URL else {},
        },
        "learn-from-decisions": {
            "task": "ingest.suggest.tasks.learn_when_due",
            "schedule": timedelta(hours=1),
        },
        **(
            {
                "ask-language-model": {
                    "task": "ingest.suggest.tasks.ask_language_model",
                    "schedule": timedelta(minutes=1),
                }
            }
            if settings.KADAI_LLM_URL
            else {}
        ),
        **(
            {
                "embed-papers": {
                    "task": "ingest.suggest.tasks.embed_papers",
                    "schedule": timedelta(minutes=1),
                }
            }
            if settings.KADAI_EMBEDDINGS
            else {}
        ),
        "estimate-unseen": {
            "task": "ingest.suggest.tasks.estimate_unseen",
            "schedule": timedelta(hours=1),
        },
        "check-alarms": {
            "task": "ingest.alarms.tasks.check_alarms",
            "schedule": timedelta(minutes=5),
        },
        "deliver-alarms": {
            "task": "ingest.alarms.tasks.deliver_alarms",
            "schedule": timedelta(minutes=1),
        },
        "forget-previews": {
            "task": "ingest.tasks.forget_previews",
            "schedule": timedelta(hours=1),
        },
        "look-for-candidates": {
            "task": "ingest.suggest.tasks.look_for_candidates",
            "schedule": timedelta(hours=24),
        },
        "seal-decisions": {
            "task": "ingest.tasks.seal_decisions",
            "schedule": timedelta(minutes=1),
        },
        "release-expired-leases": {
            "task": "ingest.tasks.release_expired_leases",
            "schedule": timedelta(minutes=5),
        },
        "fill-inboxes": {
            "task": "taxonomy.talk.tasks.fill_inboxes",
            "schedule": timedelta(seconds=30),
            "options": {"expires": 30} if settings.CELERY_BROKER_URL else {},
        },
        "send-digests": {
            "task": "taxonomy.talk.tasks.send_digests",
            "schedule": timedelta(minutes=10),
        },
        "forget-notices": {
            "task": "taxonomy.talk.tasks.forget_notices",
            "schedule": timedelta(hours=24),
        },
        "open-second-readings": {
            "task": "taxonomy.tasks.open_second_readings",
            "schedule": timedelta(minutes=1),
        },
        "forget-sessions": {
            "task": "taxonomy.tasks.forget_sessions",
            "schedule": timedelta(hours=24),
        },
    },
)
app.autodiscover_tasks(
    ["ingest", "ingest.alarms", "ingest.suggest", "taxonomy", "taxonomy.talk"]
)


@worker_ready.connect
def look_on(**_: object) -> None:
    """Go on now with what is due or was left behind, not at the clock's next round."""
    app.send_task("ingest.tasks.pull_due")
    app.send_task("ingest.suggest.tasks.suggest_waiting")
