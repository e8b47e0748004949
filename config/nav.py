"""What frames every page: the menu of the user's roles, the version, whether this is the demo. Templates read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from sites import access
from sites.models import Role, User

AT_SITE = {Role.COORDINATOR, Role.INVESTIGATOR, Role.SITE_MANAGER}
NETWORK = {Role.ADMIN, Role.AUDITOR}
# label, URL name, roles whose pages these are (the views decide access; a test compares the two)
MENU: list[tuple[str, str, set[Role]]] = [
    ("Worklist", "worklist", AT_SITE | NETWORK),
    ("Patients", "patients", AT_SITE | NETWORK),
    ("Requests", "requests", {Role.SPONSOR, Role.CURATOR} | NETWORK),
    ("Mapping review", "mapping_review", {Role.CURATOR}),
    ("Catalog", "catalog", {Role.SPONSOR, Role.CURATOR}),
    ("Deliveries", "deliveries", AT_SITE | NETWORK | {Role.SPONSOR, Role.MONITOR}),
    ("Burden", "burden", (AT_SITE - {Role.INVESTIGATOR}) | NETWORK | {Role.SPONSOR}),
    ("Reminders", "reminders", AT_SITE | NETWORK),
]
# where each role starts: the list it works from
START: dict[str, str] = {
    Role.COORDINATOR: "worklist",
    Role.INVESTIGATOR: "worklist",
    Role.SPONSOR: "requests",
    Role.CURATOR: "mapping_review",
    Role.SITE_MANAGER: "burden",
    Role.ADMIN: "burden",
    Role.AUDITOR: "burden",
    Role.MONITOR: "deliveries",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the menu."""

    label: str
    url: str
    active: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, `nav_roles` in words, `app_version`, `demo`."""
    user = getattr(request, "user", None)
    held = access.roles(user) if isinstance(user, User) and user.is_authenticated else []
    return {
        "nav": menu(held, request.path),
        "nav_roles": ", ".join(Role(role).label for role in held),
        "app_version": settings.VERSION,
        "demo": settings.EMBEDDED,
    }


def menu(roles: list[str], path: str) -> list[Item]:
    """The entries of these roles; the one whose URL starts `path` is active."""
    items = []
    for label, name, wanted in MENU:
        if wanted & set(roles) and (url := _url(name)):
            items.append(Item(label, url, path.startswith(url)))
    return items


def start_url(roles: list[str]) -> str:
    """Where a person with these roles starts; empty where they hold none."""
    return next((url for role in roles if (url := _url(START[role]))), "")


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
