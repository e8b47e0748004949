"""The sweep with a real worker, and without a broker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from capture import tasks
from capture.models import Digest
from tests.capture.remind.rows import DAY, coordinator, site, visit
from tests.infra import AppEnv
from tests.processes import EmbeddedValkey, ServiceProcess, wait_until


def news() -> None:
    """Somebody whose hour has come, with a visit that is overdue."""
    now = timezone.now()
    place = site(zone="UTC", hour=0)
    coordinator("alice", place)
    visit(place, now.date() - 40 * DAY, now.date() - 2 * DAY, now=now - timedelta(minutes=1))


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_worker_turns_one_sweep_into_a_message(
    app_env: AppEnv, celery_worker_process: Callable[..., ServiceProcess]
) -> None:
    news()
    celery_worker_process()
    tasks.sweep.delay()
    wait_until(lambda: Digest.objects.filter(state="sent").exists(), 30, "the digest is sent")
    uuid = Digest.objects.get().uuid
    assert [p.name for p in app_env.mail.iterdir()] == [f"digest-{uuid}@askonce.example.1.eml"]


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_sweep_without_a_broker_keeps_the_rows_for_the_next(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.delenv("ASKONCE_TEST_REDIS", raising=False)
    valkey: EmbeddedValkey = request.getfixturevalue("valkey")
    request.getfixturevalue("broker_url")
    news()
    valkey.kill()
    tasks.sweep()
    assert Digest.objects.get().state == "queued"
