"""Pages about how papers get in."""

app_name = "ingest"
urlpatterns: list[object] = []
