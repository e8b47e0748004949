"""AskOnce as it runs: settings, URLs, Celery, supervisor. Nobody imports this package.

The Celery application stands in config/celery.py and is not imported here: only the worker and beat talk to the broker,
and every other process starts half a second sooner without it. `celery -A config` finds it all the same.
"""
