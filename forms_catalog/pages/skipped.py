"""The fields a curator put off on the review page. They come last, as long as the session lasts."""

from __future__ import annotations

from django.http import HttpRequest

from sites.models import Program

KEY = "review_skipped"


def of(request: HttpRequest, program: Program) -> list[str]:
    """The skipped fields of a program, as they were skipped."""
    found: dict[str, list[str]] = request.session.get(KEY, {})
    return found.get(program.code, [])


def put_off(request: HttpRequest, program: Program, path: str) -> None:
    """Skip a field: once more makes it the last again."""
    _keep(request, program, [*(p for p in of(request, program) if p != path), path])


def forget(request: HttpRequest, program: Program, path: str) -> None:
    """This field was looked at again."""
    if path in of(request, program):
        _keep(request, program, [p for p in of(request, program) if p != path])


def _keep(request: HttpRequest, program: Program, paths: list[str]) -> None:
    request.session[KEY] = {**request.session.get(KEY, {}), program.code: paths}
