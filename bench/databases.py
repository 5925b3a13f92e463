"""Fresh databases for benchmarks that need many: copies of one template."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from config import embedded

PROJECT = Path(__file__).resolve().parent.parent


class Databases:
    """A server under `home`; `kadai` is its migrated, empty template."""

    def __init__(self, home: Path) -> None:
        self.home = home
        embedded.ensure_running(home)
        self.manage("kadai", "migrate", "--verbosity", "0").check_returncode()
        # What the first migration brings would be fetched besides what is measured.
        self.ask("kadai", "DELETE FROM taxonomy_paper WHERE fetched_at IS NULL")

    def fresh(self, name: str) -> str:
        """A new copy of the template, in place of an older one of that name."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {name} TEMPLATE kadai")
        return name

    def manage(
        self, name: str, *arguments: str, limit: float | None = None, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run `manage.py` on that database."""
        host = quote(str(embedded.socket_dir(self.home)), safe="")
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            text=True,
            capture_output=True,
            timeout=limit,
            env={
                **os.environ,
                "KADAI_HOME": str(self.home),
                "DATABASE_URL": f"postgresql://{embedded.SUPERUSER}@/{name}?host={host}",
                **environment,
            },
        )

    def ask(self, name: str, question: str) -> list[tuple[Any, ...]]:
        """Rows of a question; an empty list for a statement that has none."""
        with psycopg.connect(self._conninfo(name), autocommit=True) as connection:
            cursor = connection.execute(question)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        embedded.stop(self.home)

    def _conninfo(self, name: str) -> str:
        return make_conninfo(**embedded.conninfo(self.home, name))
