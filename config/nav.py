"""What frames every page: the menu of the user's roles, the version, whether this is the demo. Templates read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from sites import access
from sites.models import Role, User

AT_SITE = {Role.COORDINATOR, Role.INVESTIGATOR}
EVERYWHERE = {Role.ADMIN, Role.AUDITOR}
# label, URL name, roles that work there
MENU: list[tuple[str, str, set[Role]]] = [
    ("Worklist", "worklist", AT_SITE),
    ("Patients", "patients", AT_SITE),
    ("Deliveries", "deliveries", {Role.COORDINATOR, Role.MONITOR}),
    ("Requests", "requests", {Role.SPONSOR, Role.CURATOR} | EVERYWHERE),
    ("Mapping review", "mapping_review", {Role.CURATOR}),
    ("Burden", "burden", {Role.COORDINATOR, Role.SITE_MANAGER, Role.SPONSOR} | EVERYWHERE),
    ("Reminders", "reminders", {Role.COORDINATOR, Role.SITE_MANAGER} | EVERYWHERE),
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
    """Context processor: `nav`, `nav_roles` in words, `version`, `demo`."""
    user = getattr(request, "user", None)
    held = access.roles(user) if isinstance(user, User) and user.is_authenticated else []
    return {
        "nav": menu(held, request.path),
        "nav_roles": ", ".join(Role(role).label for role in held),
        "version": settings.VERSION,
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
