"""Every URL by every role: what opens (.), what is refused (3 = 403), what is not there for them (4 = 404), who has to
sign in first (L = to the login page, U = 401). Objects are of North, its patient and car_pass_sponsor. A route that is
not in the table fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from capture.enter import feeding, happenings, viewing
from capture.models import Delivery, Patient, Response, SavedView, Visit
from capture.plan.choosing import Choice
from forms_catalog import conflict_kinds, drafts, intake, mapping, suggesting
from tests.answering import submit
from tests.world import TODAY, World, visit_on

PEOPLE = ("", "alice", "bob", "charlie", "ivy", "sam", "rita", "mona", "cora", "dana", "audrey")
#                           a n o n y m o u s, coordinator, manager, other site, investigator, sponsor, other sponsor,
#                           monitor, curator, admin, auditor
TABLE: dict[str, tuple[str, str]] = {
    "home": ("get", "L.........."),
    "healthz": ("get", "..........."),
    "login": ("get", "..........."),
    "logout": ("post", "..........."),
    "burden": ("get", "L...3..33.."),
    "burden_site": ("get", "L..433333.."),
    "burden_budget": ("post", "L3.333333.3"),
    "burden_forecast": ("get", "L..433333.."),
    "burden_assumptions": ("post", "L3.333333.3"),
    "burden_costs": ("get", "L..433333.."),
    "burden_program": ("get", "L3333.433.."),
    "requests": ("get", "L3333..3..."),
    "request_upload": ("get", "L3333.43..3"),
    "request_schedule": ("get", "L3333.43..3"),
    "request_version": ("get", "L3333.43..."),
    "request_diff": ("get", "L3333.43..."),
    "request_proposing": ("post", "L3333.43..3"),
    "request_original": ("get", "L3333.43..."),
    "request_problems": ("get", "L3333.43..."),
    "mapping_review": ("get", "L3333..3..."),
    "duplicates": ("get", "L3333..3..."),
    "duplicates_find": ("post", "L3333333..3"),
    "duplicate_decide": ("post", "L3333333..3"),
    "conflicts": ("get", "L3333333..."),
    "conflict": ("get", "L3333333..."),
    "conflicts_rule": ("post", "L3333333..3"),
    "conflicts_publish": ("post", "L33333333.3"),
    "mapping_program": ("get", "L3333.43..."),
    "mapping_decisions": ("get", "L3333333..3"),
    "mapping_decisions_file": ("get", "L3333333..3"),
    "mapping_decide": ("post", "L3333333.33"),
    "mapping_bulk": ("post", "L3333333.33"),
    "mapping_here": ("post", "L3333333.33"),
    "mapping_undo": ("post", "L3333333.33"),
    "catalog": ("get", "L.........."),
    "element": ("get", "L.........."),
    "element_act": ("post", "L3333333..3"),
    "element_move": ("post", "L3333333..3"),
    "element_edit": ("get", "L3333333..3"),
    "element_promote": ("get", "L3333333..3"),
    "catalog_import": ("get", "L3333333..3"),
    "exports": ("get", "L3333..3..."),
    "export_file": ("get", "L3333..3..."),
    "api_exports": ("get", "U3333..3..."),
    "element_avoided": ("get", "L.........."),
    "worklist": ("get", "L....3333.."),
    "worklist_site": ("get", "L..4.3333.."),
    "worklist_file": ("get", "L..4.3333.."),
    "worklist_view_save": ("post", "L..4.3333.."),
    "worklist_view": ("post", "L.444333344"),
    "calendar": ("get", "..........."),  # before it is revoked below
    "calendars": ("get", "L....3333.."),
    "calendar_make": ("post", "L....3333.."),
    "calendar_revoke": ("post", "L.444333344"),
    "visit": ("get", "L..4.3333.."),
    "visit_draft": ("post", "L.34.333333"),
    "visit_submit": ("post", "L.34.333333"),
    "visit_discard": ("post", "L.34.333333"),
    "visit_asks": ("get", "L..4.3333.."),
    "visit_checklist": ("get", "L..4.3333.."),
    "visit_arrange": ("get", "L.34.333333"),
    "visit_newer": ("get", "L.34.333333"),
    "visit_migrate": ("post", "L.34.333333"),
    "visit_aside": ("post", "L.34.333333"),
    "correct": ("get", "L..4.3333.."),
    "patients": ("get", "L....3333.."),
    "patient": ("get", "L..4.3333.."),
    "patient_safety": ("get", "L..4.3333.."),
    "patient_balance": ("get", "L.34.333333"),
    "balance_site": ("get", "L.34.333333"),
    "balance_template": ("get", "L.34.333333"),
    "safety_save": ("post", "L.34.333333"),
    "safety_mark": ("post", "L.34.333333"),
    "patient_preview": ("post", "L.34.333333"),
    "patient_change": ("post", "L.34.333333"),
    "deliveries": ("get", "L.......3.."),
    "delivery": ("get", "L..4..4.3.."),
    "delivery_print": ("get", "L..4..4.3.."),
    "delivery_file": ("get", "L..4..4.3.."),
    "delivery_act": ("post", "L.34.333333"),
    "copy_helper": ("get", "L.34.333333"),
    "copy_tick": ("post", "L.34.333333"),
    "reminders": ("get", "L....3333.."),
    "reminders_switch": ("post", "L....3333.."),
    "request_cost": ("get", "L3333.43..."),
    "request_estimate": ("post", "L3333.433.3"),
    "request_decide": ("post", "L33333333.3"),
    "request_terms": ("get", "L3333.43..."),
    "request_terms_decide": ("post", "L3333.433.3"),
    "api_tokens": ("post", "..........."),
    "api_dictionaries": ("post", "U.........."),
    "api_dictionary": ("get", "U3333.43..."),
    "api_request": ("get", "U3333.43..."),
    "api_request_cost": ("get", "U3333.43..."),
    "api_deliveries": ("get", "U.........."),
    "api_delivery": ("get", "U4444.4.444"),
    "api_acknowledge": ("post", "U4444.43444"),
    "api_schema": ("get", "..........."),
    "api_docs": ("get", "..........."),
}


def routes(resolver: URLResolver | None = None) -> Iterator[str]:
    """The names of every route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield str(pattern.name)
        else:
            yield from routes(pattern)


@pytest.fixture
def objects(car_world: World) -> dict[str, dict[str, Any]]:
    """The arguments of each route: an open and a submitted visit of North and what came of it."""
    patient = Patient.objects.get()
    for code in ("ENR", "D100"):
        submit(visit_on(patient, code), car_world.actor("alice"))
    event = happenings.record(
        patient,
        "program_closed",
        TODAY - timedelta(days=1),
        program="car_registry_eu",
        actor=car_world.actor("alice"),
        reason="no answer",
        today=TODAY,
    )
    followup = Visit.objects.filter(submitted_at__isnull=True).order_by("planned_on").first()
    delivery = Delivery.objects.filter(timepoint__enrollment__program__code="car_pass_sponsor").latest("pk")
    ids = {"delivery": delivery.uuid, "visit": followup.uuid if followup else None, "patient": patient.uuid}
    return _arguments(car_world, ids, event.uuid)


def _arguments(world: World, ids: dict[str, Any], event: Any) -> dict[str, dict[str, Any]]:
    answer = Response.objects.filter(is_current=True, visit__isnull=False).latest("pk")
    made: dict[str, dict[str, Any]] = {"correct": {"uuid": answer.uuid}, "element": {"key": "alt"}}
    made |= {name: {"code": "north"} for name in ("burden_site", "burden_budget", "worklist_site", "balance_site")}
    made |= {name: {"code": "north"} for name in ("burden_forecast", "burden_assumptions", "burden_costs")}
    made["balance_template"] = {"code": "north", "kind": "csv"}
    made |= {name: {"code": "north"} for name in ("worklist_file", "worklist_view_save")}
    feed, secret = feeding.make(world.alice, world.north, Choice(), actor=world.actor("alice"))
    made |= {"calendar_revoke": {"uuid": feed.uuid}, "calendar": {"secret": secret}}
    made["worklist_view"] = {"uuid": view_of(world).uuid}
    made |= {f"element_{name}": {"key": "alt"} for name in ("act", "move", "edit", "avoided")}
    made["element_promote"] = {"key": draft_of(world)}
    made["conflict"] = {"key": conflict_kinds.key("options_differ", "crs-occurred")}
    made["duplicate_decide"] = {"uuid": answer.uuid}  # no reason is sent: refused before it is looked for
    for name in TABLE:
        if name.startswith(
            (
                "request_",
                "mapping_p",
                "mapping_d",
                "mapping_b",
                "mapping_u",
                "mapping_h",
                "api_request",
                "burden_program",
            )
        ):
            made[name] = {"code": "car_pass_sponsor"}
        if name.startswith("visit"):
            made[name] = {"uuid": ids["visit"]}
        if name.startswith(("delivery", "copy_", "api_delivery", "api_ack")):
            made[name] = {"uuid": ids["delivery"]}
        if name.startswith(("patient", "safety")) and name != "patients":
            made[name] = {"uuid": ids["patient"]}
    made["mapping_decisions_file"] = {"code": "car_pass_sponsor", "kind": "own"}
    for part in ("version", "diff", "proposing", "original", "problems"):
        made[f"request_{part}"] = {"code": "car_pass_sponsor", "number": 1}
    made["api_dictionary"] = {"uuid": world.versions["car_pass_sponsor"].uuid}
    return made


def view_of(world: World) -> SavedView:
    """A view that Alice saved at North."""
    return viewing.save(world.alice, world.north, "Mine", Choice(), actor=world.actor("alice"))


def draft_of(world: World) -> str:
    """The key of a draft element of car_pass_sponsor."""
    code = "car_pass_sponsor"
    field = next(f for f in intake.fields_of(world.versions[code]) if f.path == "sex")
    mapping.confirm(world.programs[code], suggesting.new(code, field), actor=world.actor("cora"), reason="nothing fits")
    return drafts.draft_id(code, "sex")


def signed_in(world: World, person: str) -> str:
    """The session of a person."""
    client = Client()
    client.force_login(world.people[person], "django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def answer_to(
    world: World, person: str, sessions: dict[str, str], name: str, method: str, arguments: dict[str, Any]
) -> str:
    """One cell of the table."""
    client: Client = APIClient() if name.startswith("api_") else Client()
    if person and isinstance(client, APIClient):
        client.force_authenticate(world.people[person])
    elif person:
        client.cookies["sessionid"] = signed_in(world, person) if name == "logout" else sessions[person]
    found = getattr(client, method)(reverse(name, kwargs=arguments))
    if found.status_code == 302 and found["Location"].startswith("/login/?"):
        return "L"
    return {401: "U", 403: "3", 404: "4"}.get(found.status_code, "!" if found.status_code == 500 else ".")


def test_every_route_is_in_the_table() -> None:
    assert set(routes()) == set(TABLE)


@pytest.mark.django_db
def test_every_route_answers_every_role_as_the_table_says(car_world: World, objects: dict[str, dict[str, Any]]) -> None:
    wrong, sessions = [], {person: signed_in(car_world, person) for person in PEOPLE if person}
    for name, (method, expected) in TABLE.items():
        row = "".join(answer_to(car_world, p, sessions, name, method, objects.get(name, {})) for p in PEOPLE)
        if row != expected:
            wrong.append(f'    "{name}": ("{method}", "{row}"),  # table says {expected}')
    assert wrong == [], "\n" + "\n".join(wrong)
