"""Due visits in a person's calendar: a page to make, copy and revoke addresses, and the calendar under each of them.

The calendar says how many visits are due at a site on a day and leads to the worklist. It holds nothing of a patient.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from capture.enter import feeding
from capture.models import CalendarFeed
from capture.pages import ics
from capture.pages.worklist import READERS, address
from capture.plan import choosing, worklist
from sites.access import acting_as, require_roles, site_or_404, sites_for, user_of


@require_GET
@require_roles(*READERS)
def calendars(request: HttpRequest) -> HttpResponse:
    """The person's addresses and the form for a new one."""
    return _page(request)


@require_POST
@require_roles(*READERS)
def calendar_make(request: HttpRequest) -> HttpResponse:
    """Make an address and show it, once."""
    if not request.POST.get("site"):
        messages.error(request, "Choose the site whose visits the calendar shows.")
        return redirect("calendars")
    site = site_or_404(user_of(request), request.POST["site"], *READERS)
    choice = choosing.of_query(request.POST.get("query", ""))
    try:
        feed, secret = feeding.make(user_of(request), site, choice, actor=acting_as(request, *READERS))
    except feeding.FeedError as error:
        messages.error(request, str(error))
        return redirect("calendars")
    link = request.build_absolute_uri(reverse("calendar", args=[secret]))
    return _page(request, made=feed, link=link)


@require_POST
@require_roles(*READERS)
def calendar_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Revoke an own address."""
    feed = CalendarFeed.objects.filter(user=user_of(request), uuid=uuid).first()
    if feed is None:
        raise Http404("Nothing here under that name for you.")
    feeding.revoke(feed, actor=acting_as(request, *READERS))
    messages.success(request, "The address is revoked. Calendars that read it get nothing more.")
    return redirect("calendars")


@require_http_methods(["GET", "HEAD"])
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar of an address; 404 for one that is unknown or revoked, or whose owner may not see the site any more.

    Without signing in: calendar programs cannot. The same number of queries whatever is due.
    """
    feed = CalendarFeed.objects.select_related("user", "site").filter(token_hash=feeding.hash_of(secret)).first()
    if feed is None or feed.revoked_at or not sites_for(feed.user, *READERS).filter(pk=feed.site_id).exists():
        raise Http404("No calendar here.")
    today = worklist.local_today(feed.site)
    found = choosing.choose(worklist.open_at(feed.site, today), choosing.of_query(feed.query), today)
    due = Counter(row.due_on.isoformat() for row in found)
    published = feeding.publish(feed, due, now=timezone.now())
    events = [_event(request, feed, day, said) for day, said in sorted(published.items())]
    body = ics.calendar(f"Due visits, {feed.site.name}", events)
    headers = {"Content-Disposition": 'inline; filename="due-visits.ics"', "X-Robots-Tag": "noindex"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


def _event(request: HttpRequest, feed: CalendarFeed, day: str, said: feeding.Published) -> ics.DayEvent:
    link = request.build_absolute_uri(address(feed.site, choosing.Choice(due=day).query()))
    words = f"{said.visits} {'visit' if said.visits == 1 else 'visits'} due, {feed.site.name}"
    uid, on = f"{feed.uuid}-{day}@askonce", date.fromisoformat(day)
    return ics.DayEvent(uid, on, words, f"See them in the worklist: {link}", link, said.sequence, said.changed)


def _page(request: HttpRequest, *, made: CalendarFeed | None = None, link: str = "") -> HttpResponse:
    user = user_of(request)
    query = request.GET.get("query", "")
    context = {
        "feeds": CalendarFeed.objects.filter(user=user, revoked_at=None).select_related("site"),
        "sites": sites_for(user, *READERS),
        "site": request.GET.get("site", "") or (user.home_site.code if user.home_site else ""),
        "query": choosing.of_query(query).query(),
        "made": made,
        "link": link,
    }
    return render(request, "capture/worklist/calendars.html", context)
