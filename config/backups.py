"""The whole state in one file: a tar with the database, the models and a manifest."""

import contextlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from config import embedded

FORMAT = 1
MANIFEST, DATABASE, MODELS = "manifest.json", "database.dump", "models"


class BackupUnusable(RuntimeError):
    """The file or the database stands in the way; the message says what to do."""


def write(file: Path) -> int:
    """Write everything to `file` and return its size in bytes; complete or not there at all.

    The database is dumped from one snapshot, so that it may go on working meanwhile.
    """
    partial = file.with_name(file.name + ".partial")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            dump = Path(folder) / DATABASE
            _run("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={dump}")
            with tarfile.open(partial, "w") as tar:
                _add_text(tar, MANIFEST, json.dumps(_manifest()))
                tar.add(dump, DATABASE)
                if (settings.KADAI_HOME / MODELS).is_dir():
                    tar.add(settings.KADAI_HOME / MODELS, MODELS)
        partial.replace(file)
    except OSError as error:
        raise BackupUnusable(f"Cannot write {file} ({error.strerror}).") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return file.stat().st_size


def read(file: Path, *, replace: bool) -> dict[str, Any]:
    """Bring the state in `file` back and return its manifest; all of it or nothing.

    Raises BackupUnusable where the file is not ours, is from newer code, or where there are
    papers already and `replace` is False.
    """
    try:
        with (
            tarfile.open(file) as tar,
            tempfile.TemporaryDirectory(dir=settings.KADAI_HOME) as folder,
        ):
            manifest = _checked_manifest(tar)
            if not replace and _has_papers():
                raise BackupUnusable(
                    "There are papers in this database. Add --replace to put the backup in "
                    "their place."
                )
            tar.extractall(folder, filter="data")
            _run(
                "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-acl",
                "--single-transaction", "--exit-on-error", str(Path(folder) / DATABASE),
            )  # fmt: skip
            _put_models(Path(folder) / MODELS)
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise BackupUnusable(f"{file} is not a backup of Kadai ({error}).") from error
    except OSError as error:
        raise BackupUnusable(f"Cannot read {file} ({error.strerror}).") from error
    return manifest


def _manifest() -> dict[str, Any]:
    return {
        "kadai_backup": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": sorted(map(list, _loader().applied_migrations)),
    }


def _checked_manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    member = tar.extractfile(MANIFEST)
    manifest: dict[str, Any] = json.load(member) if member else {}
    if manifest.get("kadai_backup") != FORMAT:
        raise ValueError("unknown format")
    tar.getmember(DATABASE)
    known = {tuple(key) for key in _loader().disk_migrations}
    ours = {app for app, _name in known}
    newer = [
        key for key in manifest["migrations"] if tuple(key) not in known and key[0] in ours
    ]
    if newer:
        raise BackupUnusable(
            f"This backup was made by a newer Kadai (it has {newer[-1][0]} {newer[-1][1]}). "
            "Update the code first."
        )
    return manifest


def _loader() -> MigrationLoader:
    return MigrationLoader(connections["default"])


def _has_papers() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('taxonomy_paper') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM taxonomy_paper WHERE fetched_at IS NOT NULL)"
        )
        return bool(cursor.fetchone()[0])


def _put_models(folder: Path) -> None:
    target = settings.KADAI_HOME / MODELS
    if folder.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.replace(target / path.name)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _run(program: str, *arguments: str) -> None:
    """PostgreSQL's own tools: those of the wheel where it is there, else those on PATH."""
    database = settings.DATABASES["default"]
    try:
        path = str(embedded.program(program))
    except embedded.DatabaseUnavailable:
        path = program
    environment = {
        **os.environ,
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database.get("PORT") or "5432"),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database.get("PASSWORD") or ""),
        "PGDATABASE": str(connections["default"].settings_dict["NAME"]),
    }
    if program == "pg_restore":
        arguments = (f"--dbname={environment['PGDATABASE']}", *arguments)
    try:
        subprocess.run([path, *arguments], env=environment, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise BackupUnusable(
            f"{program} was not found. Install PostgreSQL's client."
        ) from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise BackupUnusable(f"{program} failed: {said[-1] if said else error}") from error
