"""What may not be done here."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    Table = admin.TabularInline[Any, Any]
    Stack = admin.StackedInline[Any, Any]
else:  # generic to the type checker only
    ModelAdmin = admin.ModelAdmin
    Table = admin.TabularInline
    Stack = admin.StackedInline


class NeverDeleted(ModelAdmin):
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
