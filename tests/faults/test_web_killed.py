"""kill -9 of the web process during 50 submissions: what was acknowledged is there, whole and once."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from queue import Empty, Queue
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from capture.enter import ledger_check
from capture.models import Response, Submission, Timepoint, Visit
from sites.models import User
from tests import world as cast
from tests.answering import answers_for
from tests.processes import WebProcess, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.worker, pytest.mark.django_db(transaction=True)]
PATIENTS, CLIENTS, N = 17, 6, 50
CSRF = "a" * 32


def visits() -> list[Visit]:
    """50 open baseline visits of 17 patients."""
    world = cast.car_world()
    infused = cast.TODAY - timedelta(days=100)
    for number in range(2, PATIENTS + 1):
        cast.patient(world, f"NRT-{number:04d}", *cast.LIVE, infused=infused)
    return list(Visit.objects.filter(kind="baseline").order_by("pk")[:N])


def form(visit: Visit, today: date) -> str:
    """The visit's form as a browser posts it; posting it again posts the same client id."""
    post = answers_for(visit, today=today)
    fields = [("client_uuid", str(post.client_uuid)), ("version", str(post.version)), ("csrfmiddlewaretoken", CSRF)]
    for key, entry in post.entered.answers.items():
        kept = [(f"k.{key}", "1")] if entry.confirmed else [(f"a.{key}", code) for code in entry.value.split("|")]
        fields += kept
    return urlencode(fields)


def send(url: str, path: str, body: str, cookie: str) -> int:
    """The status of one post, 0 where the connection broke."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def work(url: str, todo: Queue[tuple[str, str]], cookie: str, done: list[str], broken: list[str]) -> None:
    """Post what is to do, again and again with the same client id, until the server says that it has it."""
    while True:
        try:
            path, body = todo.get_nowait()
        except Empty:
            return
        while (status := send(url, path, body, cookie)) != 302:
            assert status in (0, 502, 503), status
            broken.append(path)
            time.sleep(0.2)
        done.append(path)


def test_no_submission_is_lost_or_doubled_when_the_web_process_is_killed(live_app: Callable[..., WebProcess]) -> None:
    rows = visits()
    client = Client()
    client.force_login(User.objects.get(username="alice"), "django.contrib.auth.backends.ModelBackend")
    cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={CSRF}"
    todo: Queue[tuple[str, str]] = Queue()
    for visit in rows:
        todo.put((f"/visits/{visit.uuid}/submit/", form(visit, date.today())))
    web, done, broken = live_app(workers=2), [], []  # type: ignore[var-annotated]
    threads = [threading.Thread(target=work, args=(web.url, todo, cookie, done, broken)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(done) >= random.Random(3).randint(8, 20), 60, "some are acknowledged")
    web.kill()
    web.start()
    for thread in threads:
        thread.join(90)
    judge(rows, done, broken)


def judge(rows: list[Visit], done: list[str], broken: list[str]) -> None:
    """Compare what clients were told with what is stored."""
    ids = [v.pk for v in rows]
    stored = list(Submission.objects.filter(visit__in=ids).values_list("visit", flat=True))
    open_ones = Timepoint.objects.filter(visit__in=ids).exclude(state="submitted").count()
    empty = [pk for pk in ids if not Response.objects.filter(visit=pk).exists()]
    lost, doubled = len(ids) - len(set(stored)), len(stored) - len(set(stored))
    print(f"\nweb killed: N {len(ids)}, in flight {len(set(broken))}, lost {lost}, duplicated {doubled}")
    assert len(done) == len(ids) == N
    assert (lost, doubled, open_ones, empty) == (0, 0, 0, [])
    replayed = ledger_check.replay()
    assert (replayed.submissions, replayed.drift, replayed.damaged) == (N, (), ())
    assert broken, "nothing was in flight at the kill"
