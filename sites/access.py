"""The only way to a Site, Sponsor or Program for a user. Foreign or unknown answers 404, known but not allowed 403."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from sites.models import Membership, Program, Role, Site, Sponsor, User
from sites.trail import Actor, actor_for

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
NETWORK = {Role.ADMIN, Role.AUDITOR}
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def memberships(user: User, *, on: date | None = None) -> list[Membership]:
    """The memberships of `user` that hold on a day (today by default), cached on the user for one request."""
    day = on or timezone.now().date()
    cache: dict[date, list[Membership]] = user.__dict__.setdefault("_memberships", {})
    if day not in cache:
        holds = Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        found = user.memberships.filter(holds).select_related("site", "sponsor", "program")
        cache[day] = list(found.order_by("id")) if user.is_active else []
    return cache[day]


def roles(user: User) -> list[str]:
    """The roles of `user`, in the order of their memberships, without repeats."""
    return list(dict.fromkeys(m.role for m in memberships(user)))


def has_role(user: User, *wanted: str) -> bool:
    """True where the user holds one of the roles anywhere."""
    return bool(set(roles(user)) & {str(role) for role in wanted})


def sites_for(user: User, *wanted: str) -> QuerySet[Site]:
    """Sites where the user holds one of the roles (any site role by default); all of them for network roles."""
    held = [m for m in memberships(user) if not wanted or m.role in wanted]
    if any(m.role in NETWORK for m in held):
        return Site.objects.all()
    return Site.objects.filter(pk__in=[m.site_id for m in held if m.site_id and m.role != Role.MONITOR])


def programs_for(user: User) -> QuerySet[Program]:
    """Programs the user may see: all for curators and network roles, own ones for sponsors and monitors, and for
    people at sites those their sites take part in."""
    held = memberships(user)
    if any(m.role in NETWORK or m.role == Role.CURATOR for m in held):
        return Program.objects.all()
    sponsors = [m.sponsor_id for m in held if m.role == Role.SPONSOR]
    monitored = [m.program_id for m in held if m.role == Role.MONITOR]
    sites = [m.site_id for m in held if m.site_id and m.role != Role.MONITOR]
    mine = Q(sponsor__in=sponsors) | Q(pk__in=monitored) | Q(participations__site__in=sites)
    return Program.objects.filter(mine).distinct()


def sponsors_for(user: User) -> QuerySet[Sponsor]:
    """Sponsor organisations the user acts for; all for network roles."""
    held = memberships(user)
    if any(m.role in NETWORK for m in held):
        return Sponsor.objects.all()
    return Sponsor.objects.filter(pk__in=[m.sponsor_id for m in held if m.role == Role.SPONSOR])


def site_or_404(user: User, code: str, *wanted: str) -> Site:
    """The site by code; 404 where the user does not see it, 403 where they see it without a wanted role."""
    return one_or_404(sites_for(user), sites_for(user, *wanted), {"code": code})


def program_or_404(user: User, code: str) -> Program:
    """The program by code; 404 where the user does not see it."""
    return one_or_404(programs_for(user), programs_for(user), {"code": code})


def one_or_404(visible: QuerySet[M], allowed: QuerySet[M], key: dict[str, Any]) -> M:
    """The row of `allowed` with `key`; 403 where it is only in `visible`, 404 where it is in neither."""
    if found := allowed.filter(**key).first():
        return found
    if visible.filter(**key).exists():
        raise PermissionDenied("Your role does not allow this here.")
    raise Http404("Nothing here under that name for you.")


def require_roles(*wanted: str) -> Callable[[View[P]], View[P]]:
    """Decorator for pages: signed in (else to the login page) with one of the roles (else 403)."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not has_role(user_of(request), *wanted):
                raise PermissionDenied("Your role does not open this page.")
            return view(request, *args, **kwargs)

        return cast("View[P]", login_required(guarded))

    return decorate


def user_of(request: HttpRequest) -> User:
    """The signed-in user, typed."""
    return cast(User, request.user)


def acting_as(request: HttpRequest, *wanted: str, channel: str = "page") -> Actor:
    """The actor of this request in the first of the wanted roles the user holds."""
    user = user_of(request)
    held = roles(user)
    role = next((r for r in wanted if r in held), held[0] if held else "none")
    return actor_for(user, role, request=request, channel=channel)
