"""Which process is on a run, and whether it still lives."""

import os
import socket

import psutil


def this_process() -> str:
    """Host, number and birth: a number alone is given again."""
    return f"{socket.gethostname()} {os.getpid()} {_born(os.getpid()):.2f}"


def is_gone(holder: str) -> bool:
    """True if that process was on this host and has ended; of other hosts nothing is known."""
    host, pid, born = holder.rsplit(" ", 2)
    if host != socket.gethostname():
        return False
    try:
        return abs(_born(int(pid)) - float(born)) > 0.05
    except (psutil.NoSuchProcess, ValueError):
        return True
    except psutil.AccessDenied:
        return False


def _born(pid: int) -> float:
    process = psutil.Process(pid)
    if process.status() == psutil.STATUS_ZOMBIE:
        raise psutil.NoSuchProcess(pid)
    return float(process.create_time())
