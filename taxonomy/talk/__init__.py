"""The verbs of talk: following, being told, commenting.

What happened is gathered into inboxes by a task, never in the request of whoever did it.
"""
