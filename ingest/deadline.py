"""An end to every request, whatever dribbles in. Plain Python.

The time-outs of `requests` run between two parts of an answer: one that brings a byte now
and then never meets them. A `Deadline` counts from the beginning and shuts the socket.
"""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_here = threading.local()


class Deadline:
    """The requests of this thread, within the block, end after so many seconds in all.

    They fail as on a lost connection, or seem to be complete; `is_over` tells.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _here.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _here.deadline = None
        self._timer.cancel()

    def holds(self, connected: socket.socket) -> None:
        """This one is shut at the end."""
        self._sockets.append(connected)
        if self.is_over:
            self._end()

    def _end(self) -> None:
        self.is_over = True
        for connected in self._sockets:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


def _watch(connected: socket.socket | None) -> None:
    deadline: Deadline | None = getattr(_here, "deadline", None)
    if deadline is not None and connected is not None:
        deadline.holds(connected)


class _Plain(HTTPConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class _Secure(HTTPSConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class Adapter(HTTPAdapter):
    """For sessions whose requests are to obey a `Deadline`."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        if pool.ConnectionCls is HTTPConnection:
            pool.ConnectionCls = _Plain
        elif pool.ConnectionCls is HTTPSConnection:
            pool.ConnectionCls = _Secure
        return pool
