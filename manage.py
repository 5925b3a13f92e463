#!/usr/bin/env python3
"""Kadai's commands. `python manage.py help` lists them."""

import os
import sys

# These neither read nor write the database, so none is started for them.
WITHOUT_DATABASE = {
    "check", "collectstatic", "compilemessages", "help", "makemessages", "spectacular", "up",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.conf import settings  # noqa: PLC0415  (a missing install gets its own message)
        from django.core.management import execute_from_command_line  # noqa: PLC0415
        from django.db import ProgrammingError  # noqa: PLC0415
    except ImportError as error:
        sys.exit(f"{error}. Kadai is not installed here: run `make install`.")

    from config import embedded  # noqa: PLC0415

    asks_help = {"-h", "--help"} & set(sys.argv)
    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_DATABASE and not asks_help:
        try:
            if not settings.DATABASE_URL:
                embedded.ensure_running(settings.KADAI_HOME)
        except embedded.DatabaseUnavailable as error:
            sys.exit(str(error))
    try:
        execute_from_command_line(sys.argv)
    except ProgrammingError as error:
        if "does not exist" not in str(error) or settings.DEBUG:
            raise
        sys.exit(
            f"{str(error).splitlines()[0]}. The database is not up to date with the code: run "
            "`python manage.py migrate && python manage.py load_taxonomy`, or `make up`."
        )


if __name__ == "__main__":
    main()
