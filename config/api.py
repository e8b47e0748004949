"""The REST API's URLs and its one error envelope {code, message, fields}."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.response import Response
from rest_framework.views import exception_handler

from capture.api import costs, deliveries
from forms_catalog.api import dictionaries, exports
from sites.api import tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("tokens/", tokens.Tokens.as_view(), name="api_tokens"),
    path("dictionaries/", dictionaries.Dictionaries.as_view(), name="api_dictionaries"),
    path("dictionaries/<uuid:uuid>/", dictionaries.Dictionary.as_view(), name="api_dictionary"),
    path("requests/<slug:code>/", dictionaries.RequestState.as_view(), name="api_request"),
    path("requests/<slug:code>/cost/", costs.RequestCost.as_view(), name="api_request_cost"),
    path("exports/", exports.Exports.as_view(), name="api_exports"),
    path("deliveries/", deliveries.Deliveries.as_view(), name="api_deliveries"),
    path("deliveries/<uuid:uuid>/", deliveries.DeliveryDetail.as_view(), name="api_delivery"),
    path("deliveries/<uuid:uuid>/acknowledge/", deliveries.Acknowledge.as_view(), name="api_acknowledge"),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api_schema", template_name="api_docs.html"),
        name="api_docs",
    ),
]


def envelope(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Every error in one shape, so that a client needs one reader."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    detail = response.data
    fields = detail if isinstance(detail, dict) and "detail" not in detail else {}
    message = str(detail.get("detail", "")) if isinstance(detail, dict) else str(detail)
    message = message or "; ".join(f"{name}: {text}" for name, text in fields.items())
    code = getattr(exc, "default_code", "error" if response.status_code != 404 else "not_found")
    response.data = {"code": code, "message": message, "fields": fields}
    return response
