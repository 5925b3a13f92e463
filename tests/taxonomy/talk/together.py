"""Several who do something at once."""

import threading

from django.db import connection


def at_once(*actions):
    """What each came to, in their order; the threads start together."""
    barrier = threading.Barrier(len(actions))
    results = [None] * len(actions)

    def run(number, action):
        barrier.wait()
        try:
            results[number] = action()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(number, action))
        for number, action in enumerate(actions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
