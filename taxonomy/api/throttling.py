"""How often: so many requests a window, told in the RateLimit headers.

The count is kept in Django's default cache. In memory, each web process counts for itself,
so the true limit is up to the number of processes times the rate; with a shared cache it
is exact.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # the framework's views import this module
    from rest_framework.views import APIView

WINDOWS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """From "600/min"; the first letter of the period counts."""
        requests, _slash, period = text.partition("/")
        return cls(int(requests), WINDOWS[period.strip()[0].lower()])


@dataclass(frozen=True)
class Allowance:
    """What is left to someone in the running window."""

    policy: str
    rate: Rate
    left: int
    resets_in: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.rate.requests};w={self.rate.seconds}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.resets_in}',
        }


class Throttle(BaseThrottle):
    """By token or account where there is one, else by address."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        policy, who = self._who(request)
        rate = Rate.parse(str(api_settings.DEFAULT_THROTTLE_RATES[policy]))
        now = time.time()
        window = int(now // rate.seconds)
        key = f"throttle:{policy}:{who}:{window}"
        cache.add(key, 0, timeout=rate.seconds + 1)
        try:
            used = cache.incr(key)
        except ValueError:  # evicted between the two
            used = 1
        self.allowance = Allowance(
            policy=policy,
            rate=rate,
            left=max(rate.requests - used, 0),
            resets_in=int((window + 1) * rate.seconds - now) + 1,
        )
        request.allowance = self.allowance  # type: ignore[attr-defined]  # for the headers
        return used <= rate.requests

    def wait(self) -> float | None:
        return self.allowance.resets_in - 1 if self.allowance else None

    def _who(self, request: Request) -> tuple[str, str]:
        if request.auth is not None:
            return "token", f"token-{request.auth.pk}"
        if request.user and request.user.is_authenticated:
            return "token", f"user-{request.user.pk}"
        return "anonymous", self.get_ident(request)
