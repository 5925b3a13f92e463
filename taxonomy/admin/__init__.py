"""Django's admin, for those who expect one. It writes what the verbs write, or nothing."""

from taxonomy.admin import concepts, people, review

__all__ = ["concepts", "people", "review"]
