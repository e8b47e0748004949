"""Hundreds of fields under review: classes, counts, forms, skipping, a batch of a class, and who else is there."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forms_catalog import mapping, presence, readiness, reviewing
from forms_catalog.models import DecisionEffort, Mapping, ReviewPresence
from forms_catalog.pages.keys import KEYS
from sites.models import Membership, Role, User
from tests.forms_catalog.pages.reviewing import CODE, URL, decide, grow, show, typed
from tests.forms_catalog.pages.test_requests import signed_in
from tests.processes import ROOT
from tests.releases import decided
from tests.world import AT, LONG_AGO, PASSWORD, World, reviewed_world

pytestmark = pytest.mark.django_db
CLASSES = ("ready", "look", "relation", "guarded", "new")
TEMPLATES = ROOT / "forms_catalog" / "templates" / "forms_catalog"


@pytest.fixture
def reviewed(db: None) -> World:
    return reviewed_world()


@pytest.fixture
def cora(reviewed: World) -> Client:
    return signed_in(reviewed, "cora")


@pytest.fixture
def carl(reviewed: World) -> Client:
    """A second curator."""
    user = User.objects.create_user("carl", "carl@example.org", PASSWORD, first_name="Carl")
    Membership.objects.create(user=user, role=Role.CURATOR, valid_from=LONG_AGO)
    reviewed.people["carl"] = user
    return signed_in(reviewed, "carl")


def listed(page: str) -> list[str]:
    """The fields a page lists, in order."""
    return re.findall(r'<tr[^>]* data-path="([^"]+)"', page)


def opened(page: str) -> str:
    return str(re.findall(r'<article[^>]* data-path="([^"]+)"', page)[0])


def counted(page: str, name: str) -> int:
    found = re.search(rf'show={name}[^"]*"[^>]*>[^<]*<span class="sub">(\d+)', page)
    assert found
    return int(found[1])


def field_of(answer: HttpResponse) -> str:
    return parse_qs(urlsplit(answer["Location"]).query)["field"][0]


def skip(client: Client, path: str, **more: str) -> HttpResponse:
    return decide(client, path=path, act="skip", show="review", **more)


def here(client: Client, path: str) -> str:
    answer = client.post(f"{URL}here/", {"path": path})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_classes_part_what_is_to_review(cora: Client) -> None:
    lists = {name: set(listed(show(cora, show=name))) for name in CLASSES}
    assert sum(len(paths) for paths in lists.values()) == counted(show(cora), "review")
    assert set().union(*lists.values()) == set(listed(show(cora, show="review")))
    assert lists["ready"]
    assert lists["guarded"]


def test_what_is_ready_is_right_in_the_decisions_of_people(reviewed: World) -> None:
    review = reviewing.review(reviewed.programs[CODE])
    ready = [r for r in review.rows if readiness.call(r, CODE, review.elements) == "ready"]
    recorded = decided(CODE).by_path
    assert len(ready) >= 12
    assert {r.field.path: r.proposals[0].element for r in ready} == {
        r.field.path: recorded[r.field.path].sources[0].element for r in ready
    }


def test_a_decision_leaves_its_class_and_counts_as_mine(cora: Client) -> None:
    before = show(cora, show="ready")
    path = listed(before)[0]
    decide(cora, **typed(show(cora, show="ready", field=path)))
    after = show(cora, show="ready")
    assert counted(after, "ready") == counted(before, "ready") - 1
    assert listed(show(cora, show="mine")) == [path]


def test_filters_survive_a_decision(cora: Client) -> None:
    page = show(cora, show="ready", part="safety", q="e")
    answer = decide(cora, **typed(page))
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert (query["show"], query["part"], query["q"]) == (["ready"], ["safety"], ["e"])
    assert "part=safety" in unescape(page.split('class="review-filters"')[1].split("</ul>")[0])


def test_a_form_of_the_dictionary_can_be_reviewed_alone(cora: Client) -> None:
    page = show(cora, show="all", part="enrol")
    assert len(listed(page)) == 10
    assert counted(page, "all") == 10
    assert "safety (30)" in page


def test_an_unknown_filter_shows_what_is_to_review(cora: Client) -> None:
    assert listed(show(cora, show="nonsense")) == listed(show(cora, show="review"))


def test_a_skipped_field_comes_back_at_the_end(cora: Client) -> None:
    first, second, *_ = before = listed(show(cora))
    assert field_of(skip(cora, first)) == second
    page = show(cora)
    assert listed(page) == [*before[1:], first]
    assert opened(page) == second
    assert listed(show(cora, show="skipped")) == [first]
    assert DecisionEffort.objects.get().act == "skip"


def test_skipped_fields_come_in_the_order_they_were_skipped(cora: Client) -> None:
    first, second, third, *_ = listed(show(cora))
    for path in (second, first, second):
        skip(cora, path)
    assert listed(show(cora))[-2:] == [first, second]
    assert opened(show(cora)) == third


def test_a_decided_field_is_skipped_no_more(cora: Client) -> None:
    skip(cora, "sex")
    decide(cora, **typed(show(cora, field="sex")))
    assert counted(show(cora), "skipped") == 0


def test_one_press_previews_all_that_are_ready(cora: Client) -> None:
    page = show(cora)
    n = counted(page, "ready")
    preview = cora.post(f"{URL}many/", typed(page, 'name="class"')).content.decode()
    assert f"{n} of {n} can be confirmed together" in preview
    assert "Looked through side by side" in preview
    assert "Male → <code>M</code>" in preview
    assert not Mapping.objects.filter(by_machine=False).exists()


def test_a_class_stays_within_the_form_and_the_search(cora: Client) -> None:
    page = show(cora, part="enrol")
    preview = cora.post(f"{URL}many/", typed(page, 'name="class"')).content.decode()
    assert len(re.findall('name="path"', preview)) == counted(page, "ready") < counted(show(cora), "ready")


def test_a_batch_is_decided_whole_or_not_at_all(cora: Client, carl: Client) -> None:
    sent = {"path": ["sex", "siteid"], "act": "confirm", "step": "apply", "reason": "ok", "seen:sex": "0"}
    decide(carl, **typed(show(carl, field="sex")))
    mapping.undo(Mapping.objects.get(path="sex"), actor=AT, reason="open again, at version 2")
    answer = cora.post(f"{URL}many/", sent)
    assert answer.status_code == 409
    assert not Mapping.objects.filter(path="siteid").exists()


def test_the_others_are_named_with_what_they_have_open(cora: Client, carl: Client) -> None:
    assert "Also here" not in here(carl, "sex")
    assert "Cora on <code>siteid</code>" not in show(carl)
    assert "Carl on <code>sex</code>" in here(cora, "siteid")
    assert "Cora on <code>siteid</code>" in show(carl)
    assert "Carl has this field open too" in show(cora, field="sex")


def test_the_next_field_skips_what_another_has_open(cora: Client, carl: Client) -> None:
    first, second, third, *_ = listed(show(cora))
    here(carl, second)
    answer = decide(cora, **typed(show(cora, field=first)))
    assert field_of(answer) == third
    here(carl, third)
    assert opened(show(cora)) == second


def test_the_keys_step_over_what_another_has_open(cora: Client, carl: Client) -> None:
    first, second, third, *_ = listed(show(cora))
    here(carl, second)
    way = re.search(r'href="([^"]*)"[^>]*data-key="j"', show(cora, field=first))
    assert way
    assert parse_qs(urlsplit(unescape(way[1])).query)["field"] == [third]


def test_where_others_have_all_of_them_open_the_next_opens_all_the_same(cora: Client, carl: Client) -> None:
    first, second = listed(show(cora, show="all", q="preg"))
    here(carl, second)
    assert field_of(decide(cora, path=first, act="skip", show="all", q="preg")) == second


def test_who_left_is_forgotten_after_a_while(reviewed: World, cora: Client) -> None:
    here(cora, "sex")
    program, now = reviewed.programs[CODE], timezone.now()
    assert presence.others(program, reviewed.dana, at=now) == {"sex": "Cora"}
    assert presence.others(program, reviewed.dana, at=now + presence.FRESH + timedelta(seconds=1)) == {}


def test_presence_is_one_row_a_person_and_is_not_shown_to_sponsors(reviewed: World, cora: Client) -> None:
    for path in ("sex", "siteid", "x" * 999):
        here(cora, path)
    assert ReviewPresence.objects.count() == 1
    assert "Also here" not in show(signed_in(reviewed, "sam"))


def test_reading_leaves_no_presence(cora: Client) -> None:
    show(cora, field="sex")
    assert not ReviewPresence.objects.exists()


def test_every_key_of_the_legend_is_on_the_page_and_in_the_docs() -> None:
    written = "".join(p.read_text(encoding="utf-8") for p in TEMPLATES.glob("review*.html"))
    docs = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    given = {key for key, _ in KEYS}
    keyed = set(re.findall(r'data-key="([^"{]+)"', written))
    assert keyed == given - {"1–5", "Esc", "u"}  # these three are written with a variable, or are the browser's
    assert [key for key, what in KEYS if f"| `{key}` | {what} |" not in docs] == []


def test_the_number_of_queries_does_not_grow_with_the_fields(cora: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        show(cora, show="all", field="siteid")
    grow(6)
    with CaptureQueriesContext(connection) as many:
        page = show(cora, show="all", field="siteid")
    assert counted(page, "all") == 55 * 7
    assert len(many) == len(few) <= 14


def test_the_queries_of_a_preview_do_not_grow_with_its_fields(cora: Client) -> None:
    sent = typed(show(cora), 'name="class"')
    with CaptureQueriesContext(connection) as few:
        cora.post(f"{URL}many/", sent)
    grow(3)
    with CaptureQueriesContext(connection) as many:
        cora.post(f"{URL}many/", sent)
    assert len(many) == len(few)
