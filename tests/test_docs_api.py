"""docs/api.md is true: its curl lines run against a real server, one after another."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capture.enter.demo_answers import FIXED
from capture.models import Delivery, Patient
from forms_catalog import starter
from sites.models import Participation
from tests.answering import submit
from tests.processes import WebProcess
from tests.world import PASSWORD, TODAY, World, visit_on
from tests.world import car_world as build

DOC = Path(__file__).parent.parent / "docs" / "api.md"


def calls() -> list[str]:
    """The curl lines of the page, in order."""
    return [line.strip() for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith("    curl ")]


def run(line: str, env: dict[str, str]) -> str:
    done = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


def delivered() -> World:
    """A patient with a baseline and a follow-up reported to a sponsor that pulls."""
    world = build()
    Participation.objects.filter(program=world.programs["car_pass_sponsor"]).update(mode="pull")
    for code in ("ENR", "D100"):
        submit(visit_on(Patient.objects.get(), code), world.actor("alice"), FIXED, today=TODAY)
    return world


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_every_curl_line_of_the_page_works(live_app: Callable[..., WebProcess], tmp_path: Path, settings: Any) -> None:
    world = delivered()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # what the real server reads
    world.sam.set_password(PASSWORD)
    world.sam.save()
    env = _files(tmp_path) | {"HOST": live_app().url, "USER": "sam", "PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}
    found = {}
    for line in calls():
        answer = run(line, env)
        found[line.split("/api/v1/")[1].split('"')[0]] = answer
        env |= _learned(json.loads(answer) if answer.startswith("{") else {})
    assert json.loads(found["requests/car_pass_sponsor/"])["decided"] == 55
    assert json.loads(found["deliveries/$DELIVERY/acknowledge/"])["state"] == "confirmed"
    assert Delivery.objects.get(uuid=env["DELIVERY"]).state == "confirmed"
    assert "openapi" in found["schema/"]


def _files(folder: Path) -> dict[str, str]:
    dictionary, schedule = folder / "car_pass_sponsor.csv", folder / "car_pass_sponsor.json"
    dictionary.write_bytes(starter.program_csv("car_pass_sponsor"))
    schedule.write_bytes(starter.schedule_json("car_pass_sponsor"))
    return {"DICTIONARY": str(dictionary), "SCHEDULE": str(schedule)}


def _learned(body: dict[str, Any]) -> dict[str, str]:
    """What the next lines need of an answer."""
    assert "code" not in body, body
    learned = {"TOKEN": body.get("token"), "VERSION": body.get("uuid") if "counts" in body else None}
    results = body.get("results") or [{}]
    return {k: str(v) for k, v in (learned | {"DELIVERY": results[0].get("uuid")}).items() if v}


@pytest.mark.django_db
def test_a_coordinator_reads_no_request_over_the_api(car_world: World) -> None:
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_authenticate(car_world.alice)
    paths = ("/api/v1/requests/car_pass_sponsor/", "/api/v1/requests/car_pass_sponsor/cost/")
    assert [client.get(path).status_code for path in paths] == [403, 403]
