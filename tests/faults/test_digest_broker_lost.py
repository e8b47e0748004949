"""Valkey killed and started empty while 200 digests leave: the rows are the truth, the queue is made again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from tests.faults import digests
from tests.infra import AppEnv
from tests.processes import EmbeddedValkey, ServiceProcess, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _own_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker of this test dies, so it is never the one that ASKONCE_TEST_REDIS names."""
    monkeypatch.delenv("ASKONCE_TEST_REDIS", raising=False)


@pytest.mark.parametrize("seed", [1])
def test_no_digest_is_lost_when_the_broker_starts_empty(
    valkey: EmbeddedValkey,
    app_env: AppEnv,
    celery_worker_process: Callable[..., ServiceProcess],
    celery_beat_process: Callable[[], ServiceProcess],
    seed: int,
) -> None:
    after = random.Random(seed).randint(40, 150)
    digests.people()
    running = [celery_beat_process(), celery_worker_process(**digests.SLOW)]
    wait_until(lambda: digests.sent() >= after and digests.in_flight(), 60, f"{after} digests are sent")
    valkey.kill()
    killed, flying = time.monotonic(), digests.in_flight()
    valkey.start_empty()
    wait_until(lambda: _supervised(running) and digests.sent() == digests.N, 60, "all digests are sent")
    result = digests.judge(app_env.mail)
    digests.say(f"broker killed after {after} sent, started empty", seed, flying, result, time.monotonic() - killed)
    assert (result.lost, result.strangers, result.unsent) == (0, 0, 0)
    assert result.duplicated <= flying


def _supervised(running: list[ServiceProcess]) -> bool:
    """What the supervisor does: start again whatever died of the lost connection."""
    for process in running:
        if not process.is_running():
            process.start()
    return True
