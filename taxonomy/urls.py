"""The pages of the atlas."""

app_name = "taxonomy"
urlpatterns: list[object] = []
