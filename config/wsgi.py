"""WSGI entry point for gunicorn. Loads every page before the workers fork, so that they share the time and memory."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 (reading it imports all URL modules; otherwise the first request would)
