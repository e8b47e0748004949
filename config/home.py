"""The landing page: each role starts at the list it works from."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the page the user's first role works from."""
    return redirect("login")
