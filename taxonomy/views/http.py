"""The request as the middleware leaves it."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from taxonomy.models import User


class PageRequest(HttpRequest):
    htmx: HtmxDetails
    user: User | AnonymousUser
