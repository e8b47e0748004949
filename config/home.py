"""Signing in and the landing page: each role starts at the list it works from."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from config import nav
from sites import access


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the start page of the user's first role; say what to do where they hold none."""
    if url := nav.start_url(access.roles(access.user_of(request))):
        return redirect(url)
    return render(request, "no_role.html", status=403)


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page. The demo shows its accounts there, since everybody in it is invented."""
    accounts = settings.VAR / "demo-accounts.txt"
    shown = accounts.read_text(encoding="utf-8") if settings.EMBEDDED and accounts.exists() else ""
    view = LoginView.as_view(
        template_name="login.html", redirect_authenticated_user=True, extra_context={"demo_accounts": shown}
    )
    return view(request)
