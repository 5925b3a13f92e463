"""What is said when nothing else answers: problems below /api/, pages elsewhere."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import defaults

from taxonomy.api.errors import problem

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API):
        detail = _("The request cannot be understood.")
        return problem(request, 400, code="bad-request", detail=detail)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API):
        detail = _("You may not do this.")
        return problem(request, 403, code="permission-denied", detail=detail)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API):
        detail = _("There is nothing at this address.")
        return problem(request, 404, code="not-found", detail=detail)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith(API):
        detail = _("Something went wrong here. It is our fault, and it has been noted.")
        return problem(request, 500, code="server-error", detail=detail)
    return defaults.server_error(request)
