"""REST, version 1."""

urlpatterns: list[object] = []
