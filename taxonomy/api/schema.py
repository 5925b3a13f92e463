"""What the description of the API needs to be told."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from taxonomy.api.permissions import SAFE, For

PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON pointer in the body."},
                    "parameter": {"type": "string", "description": "Of the query."},
                },
            },
        },
    },
}
CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class Schema(AutoSchema):
    """Says of each call whom it is for, by the permission that guards it."""

    def whom(self) -> For:
        side = "reads" if self.method in SAFE else "writes"
        guards = self.view.get_permissions()
        return next((getattr(one, side) for one in guards if hasattr(one, side)), For.EVERYBODY)

    def get_auth(self) -> list[dict[str, list[str]]]:
        ways: list[dict[str, list[str]]] = super().get_auth()
        if self.whom() == For.EVERYBODY and {} not in ways:
            ways.append({})
        return ways

    def get_extensions(self) -> dict[str, Any]:
        return {**super().get_extensions(), "x-for": str(self.whom())}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer …`."""

    target_class = "taxonomy.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with a problem."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {
                "description": "A problem.",
                "content": CONTENT,
            }
    return result
