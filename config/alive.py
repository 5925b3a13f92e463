"""`python -m config.alive worker|beat`: exit 0 while that process of this container lives.

Celery's own `inspect ping` needs remote control, which is off (config/celery.py).
"""

import re
import sys
from collections.abc import Iterable

import psutil


def is_alive(role: str, commands: Iterable[list[str]]) -> bool:
    """True if one of these command lines is a Celery process in this role.

    Celery may rewrite its own: `[celeryd: celery@host:MainProcess] -active- (… worker …)`.
    """
    return any(
        "celery" in line and re.search(rf"\b{role}\b", line) for line in map(" ".join, commands)
    )


def _running() -> Iterable[list[str]]:
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE:
            yield process.info["cmdline"] or []


if __name__ == "__main__":
    sys.exit(0 if is_alive(sys.argv[1], _running()) else 1)
