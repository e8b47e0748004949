"""Page URLs of capture."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from capture.pages import accepting, avoided, reminders, terms
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
    path("requests/<slug:code>/terms/", terms.request_terms, name="request_terms"),
    path("requests/<slug:code>/terms/decide/", terms.request_terms_decide, name="request_terms_decide"),
]
