"""/healthz against a real database, a real broker and a real worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from config import broker
from tests.processes import EmbeddedValkey, ServiceProcess, wait_until


@pytest.mark.django_db
def test_without_a_broker_it_answers_503_and_says_so(client: Client, settings: Any) -> None:
    settings.BROKER_URL = "redis+socket:///nowhere/s.sock?virtual_host=0"
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["broker", "worker"]


@pytest.mark.django_db
@pytest.mark.worker
def test_without_a_worker_it_answers_503_and_names_the_worker(client: Client, broker_url: str) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["worker"]


@pytest.mark.django_db
@pytest.mark.worker
def test_a_heartbeat_older_than_two_minutes_counts_as_none(client: Client, broker_url: str) -> None:
    with time_machine.travel(time.time(), tick=False):  # on a busy machine the first answer takes a while
        with broker.client(broker_url) as connection:
            connection.set(broker.HEARTBEAT_KEY, time.time() - 121)
        assert client.get("/healthz").json()["worker"] == "last heartbeat 121 s ago"


@pytest.mark.worker
def test_a_worker_that_starts_makes_it_well(
    client: Client, celery_worker_process: Callable[..., ServiceProcess]
) -> None:
    celery_worker_process()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.worker
def test_a_job_sent_from_here_reaches_the_worker(
    broker_url: str, celery_worker_process: Callable[..., ServiceProcess]
) -> None:
    from config.celery import heartbeat

    celery_worker_process()
    with broker.client(broker_url) as connection:
        connection.delete(broker.HEARTBEAT_KEY)
    heartbeat.delay()
    wait_until(lambda: broker.heartbeat_age(broker_url) is not None, 10, "the worker runs the job")


def test_an_embedded_broker_keeps_its_keys_over_a_restart(valkey: EmbeddedValkey) -> None:
    broker.write_heartbeat(valkey.url)
    assert valkey.server is not None
    valkey.server.stop()
    valkey.start()
    assert broker.heartbeat_age(valkey.url) is not None
