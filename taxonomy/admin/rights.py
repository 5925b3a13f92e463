"""What may not be done here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class NeverDeleted(admin.ModelAdmin[Any]):
    """Rows that others refer to for ever."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(NeverDeleted):
    """Rows that only the verbs write."""

    show_full_result_count = False  # counting a million rows helps no one

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
