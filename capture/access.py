"""The only way to a Patient, Visit or Delivery for a user: 404 where foreign or unknown, 403 where not allowed."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from capture.models import Delivery, Digest, Patient, Submission, Visit
from sites.access import has_role, memberships, one_or_404, sites_for
from sites.models import Role, User

WRITERS = (Role.COORDINATOR, Role.INVESTIGATOR)
OVERSEERS = (Role.SITE_MANAGER, Role.ADMIN, Role.AUDITOR)
AT_SITE = (Role.COORDINATOR, Role.INVESTIGATOR, Role.SITE_MANAGER)


def patients_for(user: User, *wanted: str) -> QuerySet[Patient]:
    """Patients of the sites where the user holds one of the roles."""
    return Patient.objects.filter(site__in=sites_for(user, *(wanted or AT_SITE)))


def visits_for(user: User, *wanted: str) -> QuerySet[Visit]:
    """Visits of the sites where the user holds one of the roles."""
    return Visit.objects.filter(site__in=sites_for(user, *(wanted or AT_SITE)))


def deliveries_for(user: User, *wanted: str) -> QuerySet[Delivery]:
    """Deliveries of the user's sites; for sponsors and monitors those of their own programs (and site) only."""
    asked = {str(role) for role in wanted}
    mine = Q(timepoint__visit__site__in=sites_for(user, *(wanted or AT_SITE)))
    for held in memberships(user):
        if asked and held.role not in asked:
            continue
        if held.role == Role.SPONSOR:
            mine |= Q(timepoint__enrollment__program__sponsor=held.sponsor_id)
        elif held.role == Role.MONITOR:
            here = Q(timepoint__visit__site=held.site_id) if held.site_id else Q()
            mine |= Q(timepoint__enrollment__program=held.program_id) & here
    return Delivery.objects.filter(mine)


def submissions_for(user: User) -> QuerySet[Submission]:
    """Submitted visits whose asks a person may count, of the programs they see (programs_for), never their answers.

    People at sites: those of their sites; monitors: of their site where they have one; all others: every site's.
    """
    held = memberships(user)
    if any(m.role not in AT_SITE and not (m.role == Role.MONITOR and m.site_id) for m in held):
        return Submission.objects.all()
    return Submission.objects.filter(visit__site__in=[m.site_id for m in held if m.site_id])


def digests_for(user: User) -> QuerySet[Digest]:
    """The messages a person may read: their own, and those of people whose home is a site they oversee."""
    mine = Q(user=user)
    if has_role(user, *OVERSEERS):
        mine |= Q(user__home_site__in=sites_for(user, *OVERSEERS))
    if has_role(user, Role.ADMIN, Role.AUDITOR):
        mine |= Q(user__home_site__isnull=True)
    return Digest.objects.filter(mine)


def patient_or_404(user: User, uuid: UUID, *wanted: str) -> Patient:
    """The patient; 404 where the user does not see them, 403 where a wanted role is missing."""
    return one_or_404(patients_for(user), patients_for(user, *wanted), {"uuid": uuid})


def visit_or_404(user: User, uuid: UUID, *wanted: str) -> Visit:
    """The visit; 404 where the user does not see it, 403 where a wanted role is missing."""
    return one_or_404(visits_for(user), visits_for(user, *wanted), {"uuid": uuid})


def delivery_or_404(user: User, uuid: UUID, *wanted: str) -> Delivery:
    """The delivery; 404 where the user does not see it, 403 where a wanted role is missing."""
    return one_or_404(deliveries_for(user), deliveries_for(user, *wanted), {"uuid": uuid})
