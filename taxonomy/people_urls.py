"""Signing in and out; without a namespace, as Django's LOGIN_URL expects."""

from django.urls import path

from taxonomy.views import people

urlpatterns = [
    path("login/", people.sign_in, name="login"),
    path("login/<str:secret>/", people.sign_in_by_link, name="login-link"),
    path("logout/", people.sign_out, name="logout"),
]
