"""AskOnce as it runs: settings, URLs, Celery, supervisor. Nobody imports this package."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
