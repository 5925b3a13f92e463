"""Wiring only: settings, URLs, Celery and the embedded database."""
