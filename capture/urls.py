"""Page URLs of capture."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from capture.pages import accepting, avoided, reminders
from capture.pages.delivery_urls import delivery_urls
from capture.pages.visit_urls import visit_urls

urlpatterns: list[URLPattern | URLResolver] = [
    *visit_urls,
    *delivery_urls,
    path("avoided/<path:key>/", avoided.element_avoided, name="element_avoided"),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/switch/", reminders.reminders_switch, name="reminders_switch"),
    path("requests/<slug:code>/cost/", accepting.request_cost, name="request_cost"),
    path("requests/<slug:code>/cost/estimate/", accepting.request_estimate, name="request_estimate"),
    path("requests/<slug:code>/cost/decide/", accepting.request_decide, name="request_decide"),
]
