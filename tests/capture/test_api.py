"""The API of deliveries: what was sent wrongly is 400, what the state does not allow is 409."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from capture.models import Delivery
from tests.capture.deliver.rows import case, corrected, d100, day, of
from tests.world import World

pytestmark = pytest.mark.django_db
NA = "car_registry_na"


@pytest.fixture
def rita(world: World) -> APIClient:
    """The registry's own client; a delivery to it was replaced by a newer revision."""
    made = case(world, "pull")
    submission = d100(made)
    made.prepare(submission)
    corrected("contact-date", str(day(99)))
    made.prepare(submission)
    client = APIClient()
    client.force_authenticate(world.rita)
    return client


def acknowledge(client: APIClient, row: Delivery, **body: str) -> tuple[int, dict[str, Any]]:
    answer = client.post(reverse("api_acknowledge", args=[row.uuid]), body)
    return answer.status_code, answer.json()


def test_a_replaced_delivery_cannot_be_acknowledged_and_that_is_a_conflict(rita: APIClient) -> None:
    status, body = acknowledge(rita, of(NA, 1))
    assert (status, body["code"], body["fields"]) == (409, "state_conflict", {})
    assert "'Replaced by a newer revision'" in body["message"]
    assert "Fetch it again" in body["message"]
    assert acknowledge(rita, of(NA, 2))[0] == 200


def test_what_was_sent_wrongly_stays_400(rita: APIClient) -> None:
    status, body = acknowledge(rita, of(NA, 2), note="x" * 501)
    assert (status, body["code"]) == (400, "invalid")
