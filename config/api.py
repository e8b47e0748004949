"""The REST API's URLs and its one error envelope {code, message, fields}."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver
from rest_framework.response import Response
from rest_framework.views import exception_handler

urlpatterns: list[URLPattern | URLResolver] = []


def envelope(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Every error in one shape, so that a client needs one reader."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    detail = response.data
    fields = detail if isinstance(detail, dict) and "detail" not in detail else {}
    message = str(detail.get("detail", "")) if isinstance(detail, dict) else str(detail)
    response.data = {"code": getattr(exc, "default_code", "error"), "message": message, "fields": fields}
    return response
