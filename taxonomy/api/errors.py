"""Refusals as RFC 9457 problems, inside the API and wherever else /api/ is asked."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.request import Request

from taxonomy.errors import TaxonomyError

CONTENT_TYPE = "application/problem+json"

Errors = list[dict[str, str]]


class BadParameter(exceptions.APIException):
    """A parameter of the query is unknown or makes no sense; each is named."""

    status_code = 400
    default_code = "invalid-parameter"
    default_detail = gettext_lazy("A parameter of the query cannot be understood.")

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__(" ".join(messages.values()))
        self.errors: Errors = [
            {"detail": message, "parameter": name} for name, message in messages.items()
        ]


class StateChanged(exceptions.APIException):
    """The paper is no longer what If-Match says."""

    status_code = 412
    default_code = "state-changed"
    default_detail = gettext_lazy("The paper has changed since you read it; read it again.")


class TooLarge(exceptions.APIException):
    """The body is longer than any meaningful one."""

    status_code = 413
    default_code = "too-large"
    default_detail = gettext_lazy("The body is too large.")


def problem(
    request: HttpRequest | Request,
    status: int,
    *,
    code: str,
    detail: str,
    errors: Errors | None = None,
) -> HttpResponse:
    """The answer itself. `code` is stable, `detail` is for people."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.get_full_path(),
        "code": code,
    }
    if errors:
        body["errors"] = errors
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-store"
    return response


def problem_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """What the REST framework calls for anything raised in a view; None: a fault of ours."""
    request: Request = context["request"]
    if isinstance(error, TaxonomyError):
        return problem(request, error.status, code=error.code, detail=str(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    response = problem(
        request,
        error.status_code,
        code=_code(error),
        detail=_detail(error),
        errors=_errors(error),
    )
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def problem_of(error: Exception) -> dict[str, Any]:
    """What a list of results says of one item: `status`, `code`, `detail` and any `errors`."""
    if isinstance(error, TaxonomyError):
        return {"status": error.status, "code": error.code, "detail": str(error)}
    if not isinstance(error, exceptions.APIException):
        error = exceptions.NotFound()
    found: dict[str, Any] = {
        "status": error.status_code,
        "code": _code(error),
        "detail": _detail(error),
    }
    errors = _errors(error)
    return found | {"errors": errors} if errors else found


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return code.replace("_", "-")


def _detail(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return _("The body is not what is expected here.")
    return str(error.detail)


def _errors(error: exceptions.APIException) -> Errors:
    if isinstance(error, BadParameter):
        return error.errors
    if isinstance(error, exceptions.ValidationError):
        return list(_pointed(error.detail, "#"))
    return []


def _pointed(detail: Any, pointer: str) -> Iterable[dict[str, str]]:
    """Each message with the JSON pointer (RFC 6901) of what it is about."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            at = pointer if name == "non_field_errors" else f"{pointer}/{step}"
            yield from _pointed(inner, at)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _pointed(inner, pointer)
    else:
        yield {"detail": str(detail), "pointer": pointer}
