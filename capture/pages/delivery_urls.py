"""URLs of deliveries."""

from __future__ import annotations

from django.urls import path

from capture.pages import deliveries

delivery_urls = [
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<uuid:uuid>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:uuid>/file/", deliveries.delivery_file, name="delivery_file"),
    path("deliveries/<uuid:uuid>/copy/", deliveries.copy_helper, name="copy_helper"),
    path("deliveries/<uuid:uuid>/copy/tick/", deliveries.copy_tick, name="copy_tick"),
    path("deliveries/<uuid:uuid>/act/", deliveries.delivery_act, name="delivery_act"),
]
