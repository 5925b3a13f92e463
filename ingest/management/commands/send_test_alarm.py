"""`manage.py send_test_alarm`: tries the channels by which alarms are told."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ingest.alarms import channels


class Command(BaseCommand):
    help = (
        "Send a test message over every channel that is set (KADAI_ALERT_EMAIL, "
        "KADAI_ALERT_WEBHOOK) and say what became of it. No alarm is raised. "
        "Exit code 1 if one of them was not delivered, or none is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--channel", choices=["email", "webhook"], help="only this one of them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["channel"]
        there = [one for one in channels.configured() if wanted in {None, one}]
        if not there:
            raise CommandError("Set KADAI_ALERT_EMAIL or KADAI_ALERT_WEBHOOK first.")
        failed = [channel for channel in there if not self.try_out(channel)]
        if failed:
            raise CommandError(f"Not delivered: {', '.join(failed)}.")

    def try_out(self, channel: str) -> bool:
        message = channels.Message(
            id=f"test-{uuid.uuid4().hex}",
            type="alarm.test",
            at=timezone.now().isoformat(),
            title="This is a test",
            text="Nothing is wrong. Somebody wanted to know whether alarms arrive here.",
            url=channels.site_url(),
        )
        try:
            channels.send(message, channel)
        except channels.NotDelivered as error:
            self.stderr.write(f"{channel}: {error}")
            return False
        self.stdout.write(f"{channel}: delivered")
        return True
