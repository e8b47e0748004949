"""The only way to a program's requests, mappings and draft elements for a user: 404 foreign, 403 lacking the role.

A person may hold several roles; only those a page names count here, so a coordinator's site does not open a request.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from forms_catalog.drafts import is_draft
from forms_catalog.specs import ElementSpec
from sites.access import memberships, one_or_404, programs_for
from sites.models import Program, Role, User

READERS = (Role.SPONSOR, Role.CURATOR, Role.ADMIN, Role.AUDITOR)
UPLOADERS = (Role.SPONSOR, Role.CURATOR, Role.ADMIN)
CURATORS = (Role.CURATOR,)
GOVERNORS = (Role.CURATOR, Role.ADMIN)
NETWORK = (Role.CURATOR, Role.ADMIN, Role.AUDITOR)  # what several programs say side by side
ALL_PROGRAMS = frozenset({Role.CURATOR, Role.ADMIN, Role.AUDITOR})


def programs_as(user: User, *wanted: str) -> QuerySet[Program]:
    """Programs the user sees in one of the roles: sponsors their own, curators, admins and auditors all."""
    held = [m for m in memberships(user) if m.role in wanted]
    if any(m.role in ALL_PROGRAMS for m in held):
        return Program.objects.all()
    return Program.objects.filter(sponsor__in=[m.sponsor_id for m in held if m.role == Role.SPONSOR])


def program_or_404(user: User, code: str, *wanted: str) -> Program:
    """The program by code; 404 where the user does not see it, 403 where they see it without a wanted role."""
    return one_or_404(programs_for(user), programs_as(user, *wanted).select_related("sponsor"), {"code": code})


def elements_for(user: User, elements: Iterable[ElementSpec]) -> list[ElementSpec]:
    """The elements the user sees: all of the catalog, and the drafts of programs they see."""
    found = list(elements)
    drafts = any(is_draft(e.id) for e in found)
    mine = set(programs_for(user).values_list("code", flat=True)) if drafts else set()
    return [e for e in found if not is_draft(e.id) or e.id.split(":")[1] in mine]
