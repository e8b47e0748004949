"""kill -9 of the Celery worker while it sends 200 digests: nothing is lost, repeats are recognisable."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from tests.faults import digests
from tests.infra import AppEnv
from tests.processes import ServiceProcess, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("seed", [2])
def test_no_digest_is_lost_when_the_worker_is_killed(
    app_env: AppEnv,
    celery_worker_process: Callable[..., ServiceProcess],
    celery_beat_process: Callable[[], ServiceProcess],
    seed: int,
) -> None:
    after = random.Random(seed).randint(40, 150)
    digests.people()
    celery_beat_process()
    worker = celery_worker_process(**digests.SLOW)
    wait_until(lambda: digests.sent() >= after and digests.in_flight(), 60, f"{after} digests are sent")
    worker.kill()
    killed, flying = time.monotonic(), digests.in_flight()
    celery_worker_process(**digests.SLOW)
    wait_until(digests.all_sent(), 60, "all digests are sent")
    result = digests.judge(app_env.mail)
    digests.say(f"worker killed after {after} sent", seed, flying, result, time.monotonic() - killed)
    assert (result.lost, result.strangers, result.unsent) == (0, 0, 0)
    assert result.duplicated <= flying  # and each of them under the Message-ID of the first
