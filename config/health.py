"""/healthz: is the database there, the broker, and a worker that took a job within the last 2 minutes."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from config import broker


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 `{"status": "ok", …}` only when all parts are there, else 503 with `status` "missing" and what is missing."""
    parts = {"database": _database(), **_broker_and_worker()}
    missing = [name for name, state in parts.items() if state != "ok"]
    body = {"status": "missing" if missing else "ok", "missing": missing, **parts}
    return JsonResponse(body, status=503 if missing else 200)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _broker_and_worker() -> dict[str, str]:
    """A task writes the heartbeat: a worker that runs but no longer hears the broker counts as missing."""
    try:
        age = broker.heartbeat_age(settings.BROKER_URL)
    except redis.RedisError:
        return {"broker": "does not answer", "worker": "unknown"}
    if age is None:
        return {"broker": "ok", "worker": "no heartbeat"}
    if age > broker.HEARTBEAT_LIMIT_SECONDS:
        return {"broker": "ok", "worker": f"last heartbeat {age:.0f} s ago"}
    return {"broker": "ok", "worker": "ok"}
