"""The reminder log: who sees which messages, and the switch."""

from __future__ import annotations

import pytest
from django.test import Client

from capture.models import Digest
from sites.models import Membership, Site, TrailEntry, User
from tests.capture.remind.rows import LATE, LONG_AGO, MORNING, coordinator, minute, site, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> tuple[Site, Site]:
    """Two sites with a coordinator and an overdue visit each, messages sent."""
    found = site(), site("south", "Africa/Cairo", hour=6)
    for place, name in zip(found, ("alice", "charlie"), strict=True):
        coordinator(name, place)
        visit(place, *LATE, pseudonym=f"{place.code.upper()}-1")
    assert minute(MORNING) == ["sent", "sent"]
    return found


def page(user: User, query: str = "") -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/reminders/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def other(name: str, role: str, place: Site | None = None) -> User:
    user = User.objects.create(username=name, home_site=place)
    Membership.objects.create(user=user, role=role, site=place, valid_from=LONG_AGO)
    return user


def test_a_coordinator_sees_their_own_messages_with_visits(places: tuple[Site, Site]) -> None:
    text = page(User.objects.get(username="alice"))
    assert "1 visit overdue" in text
    assert "NORTH-1" in text
    assert "charlie" not in text


def test_a_site_manager_sees_those_of_their_people_only(places: tuple[Site, Site]) -> None:
    text = page(other("bob", "site_manager", places[0]))
    assert "NORTH-1" in text
    assert "charlie" not in text


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_the_network_sees_all(places: tuple[Site, Site], role: str) -> None:
    text = page(other("dana", role))
    assert "alice" in text
    assert "charlie" in text


def test_a_manager_sees_no_visit_of_another_site_in_a_message(places: tuple[Site, Site]) -> None:
    Membership.objects.create(user=User.objects.get(username="alice"), role="coordinator", site=places[1],
                              valid_from=LONG_AGO)  # fmt: skip
    Digest.objects.filter(user__username="alice").update(
        visits=[uuid for row in Digest.objects.all() for uuid in row.visits]
    )
    text = page(other("bob", "site_manager", places[0]))
    assert "NORTH-1" in text
    assert "SOUTH-1" not in text


def test_what_was_given_up_is_said_with_its_reason(places: tuple[Site, Site]) -> None:
    Digest.objects.filter(user__username="alice").update(state="dead", last_error="550 no such user", attempts=1)
    text = page(User.objects.get(username="alice"), "?state=dead")
    assert "Some messages could not be sent" in text
    assert "550 no such user" in text
    assert "None in this state" in page(User.objects.get(username="alice"), "?state=queued")


def test_a_curator_has_no_reminders(client: Client) -> None:
    client.force_login(other("cora", "curator"))
    assert client.get("/reminders/").status_code == 403
    assert client.post("/reminders/switch/", {"on": "1"}).status_code == 403


def test_the_switch_stops_messages_and_is_in_the_trail(client: Client, places: tuple[Site, Site]) -> None:
    alice = User.objects.get(username="alice")
    client.force_login(alice)
    assert client.post("/reminders/switch/", {"on": "0"}).status_code == 302
    alice.refresh_from_db()
    assert alice.wants_digest is False
    assert TrailEntry.objects.get(action="digest_off").actor == "alice"
