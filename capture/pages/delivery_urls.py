"""URLs of deliveries."""

from __future__ import annotations

from django.urls import URLPattern, path

from capture.pages import copying, deliveries

delivery_urls: list[URLPattern] = [
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<uuid:uuid>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:uuid>/print/", deliveries.delivery_print, name="delivery_print"),
    path("deliveries/<uuid:uuid>/file/", deliveries.delivery_file, name="delivery_file"),
    path("deliveries/<uuid:uuid>/act/", deliveries.delivery_act, name="delivery_act"),
    path("deliveries/<uuid:uuid>/copy/", copying.copy_helper, name="copy_helper"),
    path("deliveries/<uuid:uuid>/copy/tick/", copying.copy_tick, name="copy_tick"),
]
