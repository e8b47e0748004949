"""Every page and API of AskOnce, by app."""

from __future__ import annotations

from django.contrib.auth import views as auth_views
from django.urls import include, path

from config import health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("login/", home.sign_in, name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("", include("sites.urls")),
    path("", include("forms_catalog.urls")),
    path("", include("capture.urls")),
    path("api/v1/", include("config.api")),
]
