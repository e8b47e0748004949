"""The landing page: each role starts at the list it works from."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config import nav
from sites import access


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the start page of the user's first role; say what to do where they hold none."""
    if url := nav.start_url(access.roles(access.user_of(request))):
        return redirect(url)
    return render(request, "no_role.html", status=403)
