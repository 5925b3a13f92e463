"""Rows for those who expect an admin; the pages under /ingest/ do more."""

from django.contrib import admin
from django.http import HttpRequest

from ingest.models import Alarm, Audit, Harvest, Listing, Pace, Query, Refusal


class ReadOnly:
    """Written by the harvest, or on the pages under /ingest/, which check and lock."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Query)
class QueryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "search", "enabled", "interval", "watermark", "last_pulled_at"]
    list_filter = ["enabled"]
    search_fields = ["name", "search"]


@admin.register(Harvest)
class HarvestAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["id", "title", "state", "since", "until", "received", "expected", "asked"]
    list_filter = ["state", "trigger", "query"]
    list_select_related = ["query"]


@admin.register(Refusal)
class RefusalAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["arxiv_id", "reason", "harvest_id", "created_at", "outcome", "settled_at"]
    list_filter = ["kind", "outcome"]
    search_fields = ["arxiv_id", "reason"]


@admin.register(Alarm)
class AlarmAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["kind", "subject", "raised_at", "closed_at"]
    list_filter = ["kind"]


@admin.register(Pace)
class PaceAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["next_allowed_at", "failures", "open_until", "stopped", "last_error"]


@admin.register(Audit)
class AuditAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["id", "spec", "first", "last", "state", "listed", "missing", "fetched"]
    list_filter = ["state", "spec"]
    exclude = ["ids", "gone", "token"]


@admin.register(Listing)
class ListingAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["day", "issued_on", "known", "outdated", "unknown", "licences", "error"]
