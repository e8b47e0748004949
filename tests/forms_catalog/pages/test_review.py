"""Mapping review through HTTP: one field, many fields, two curators, and who may do what."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from forms_catalog import intake, mapping, suggesting
from forms_catalog.models import Mapping, Proposal
from forms_catalog.pages import review
from forms_catalog.specs import MappingSpec
from sites.models import TrailEntry
from tests.forms_catalog.pages.reviewing import CODE, URL, decide, show, typed
from tests.forms_catalog.pages.test_requests import signed_in
from tests.releases import decided
from tests.world import AT, World, reviewed_world, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewed(db: None) -> World:
    return reviewed_world()


@pytest.fixture
def cora(reviewed: World) -> Client:
    return signed_in(reviewed, "cora")


def test_a_field_stands_beside_its_candidate_with_score_and_reasons(cora: Client) -> None:
    page = show(cora, field="ecog_bl", show="all")
    best = Proposal.objects.get(path="ecog_bl", rank=1)
    assert best.element.key in page
    assert f"{best.score:.2f}" in page
    assert all(reason.split("“")[0][:30] in page.replace("&#x27;", "'") for reason in best.reasons)


def test_what_the_form_proposes_can_be_confirmed_as_it_is(cora: Client) -> None:
    sent = typed(show(cora, field="sex", show="all"))
    answer = decide(cora, **sent)
    made = Mapping.objects.get(path="sex")
    assert answer.status_code == 302
    assert (made.decided_by, made.by_machine, made.state) == ("cora", False, "confirmed")
    assert mapping.spec_of(made).transform[0].args["map"]["male"] == "M"


def test_a_proposal_that_needs_no_choice_is_confirmed_by_its_own_form(cora: Client) -> None:
    plain = Proposal.objects.filter(rank=1, relation__in=["exact", "recode", "unit_conversion"])
    paths = [p.path for p in plain.select_related("element") if not p.guards][::4]
    answers = [decide(cora, **{**typed(show(cora, field=path, show="all")), "reason": "looked at"}) for path in paths]
    assert [a.status_code for a in answers] == [302] * len(paths)
    assert Mapping.objects.filter(decided_by="cora").count() == len(paths) > 5


def test_after_a_decision_the_next_field_of_the_list_opens(cora: Client) -> None:
    page = show(cora, show="review")
    paths = re.findall(r'class="field-link" href="[^"]*field=([^&"]+)', page)
    answer = decide(cora, **{**typed(page), "reason": "ok"})
    assert parse_qs(urlsplit(answer["Location"]).query)["field"] == [paths[1]]


def test_the_value_map_can_be_edited(cora: Client) -> None:
    sent = {**typed(show(cora, field="sex", show="all")), "map:unknown": "", "map:male": "U"}
    decide(cora, **sent)
    assert "unknown" not in mapping.spec_of(Mapping.objects.get(path="sex")).transform[0].args["map"]
    assert mapping.spec_of(Mapping.objects.get(path="sex")).transform[0].args["map"]["male"] == "U"


def test_another_element_can_be_compared_and_chosen(cora: Client) -> None:
    page = show(cora, field="siteid", show="all", element="subject-id")
    assert "Subject" in page
    decide(cora, **{**typed(page), "reason": "their mistake"})
    assert mapping.spec_of(Mapping.objects.get(path="siteid")).sources[0].element == "subject-id"


def test_not_the_same_needs_a_reason_and_is_shown_with_it(cora: Client) -> None:
    best = Proposal.objects.get(path="ecog_bl", rank=1).element.key
    assert decide(cora, path="ecog_bl", element=best, act="not_same", seen="9", reason="").status_code == 422
    seen = str(getattr(Mapping.objects.filter(path="ecog_bl").first(), "version", 0))
    decide(cora, path="ecog_bl", element=best, act="not_same", seen=seen, reason="another scale")
    page = show(cora, field="ecog_bl", show="traps")
    assert "another scale" in page
    assert Proposal.objects.get(path="ecog_bl", element__key=best).state == "not_same"


def test_a_mark_can_be_taken_back(cora: Client) -> None:
    decide(cora, path="sex", element="sex-at-birth", act="reject", seen="0", reason="no")
    seen = str(getattr(Mapping.objects.filter(path="sex").first(), "version", 0))
    decide(cora, path="sex", element="sex-at-birth", act="reject", seen=seen, reason="no")
    decide(cora, path="sex", element="sex-at-birth", act="reconsider", reason="yes after all")
    assert Proposal.objects.get(path="sex", element__key="sex-at-birth").state == "proposed"


def test_a_new_element_and_its_undo(cora: Client) -> None:
    seen = str(getattr(Mapping.objects.filter(path="sex").first(), "version", 0))
    decide(cora, path="sex", act="new", seen=seen, reason="asks for gender")
    made = Mapping.objects.get(path="sex")
    assert made.relation == "new"
    decide(cora, path="sex", act="undo", seen=str(made.version), reason="it is sex")
    page = show(cora, field="sex", show="all")
    assert "Sent back to review by cora" in page
    assert "asks for gender" in page


def test_a_decision_that_cannot_work_comes_back_with_what_was_typed(cora: Client) -> None:
    sent = {**typed(show(cora, field="sex", show="all")), "steps": "[oops", "condition": "mine", "reason": "why not"}
    answer = decide(cora, **sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(text in page for text in ("the steps are not a list", "[oops", 'value="mine"', 'value="why not"'))


def test_a_refused_decision_keeps_the_table_of_answers_too(cora: Client) -> None:
    sent = {**typed(show(cora, field="sex", show="all")), "map:male": "U", "reason": " "}
    page = decide(cora, **sent).content.decode()
    assert typed(page)["map:male"] == "U"
    assert "Say why" in page


@pytest.mark.parametrize("act", ["new", "not_same", "undo"])
def test_a_refused_act_keeps_its_reason_in_its_own_box(cora: Client, act: str) -> None:
    decide(cora, **{**typed(show(cora, field="sex", show="all")), "reason": "ok"})
    boxes = {"new": "new-reason", "not_same": "refusal", "undo": "undo-reason"}
    page = decide(cora, path="sex", act=act, element="sex-at-birth", seen="1", reason=" ").content.decode()
    assert f'id="{boxes[act]}" type="text" name="reason" value=" "' in page


def test_the_second_curator_sees_both_decisions_and_may_write_over(cora: Client) -> None:
    Mapping.objects.all().delete()
    first = typed(show(cora, field="sex", show="all"))
    decide(cora, **{**first, "reason": "mine was first"})
    answer = decide(cora, **{**first, "relation": "exact", "reason": "mine is better"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "mine was first" in page
    assert "mine is better" in page
    decide(cora, **{**first, "seen": "1", "relation": "exact", "reason": "mine is better"})
    assert Mapping.objects.get(path="sex").reason == "mine is better"


def test_many_are_previewed_first_and_then_confirmed_with_one_reason(cora: Client) -> None:
    Mapping.objects.all().delete()
    sent = {"path": ["sex", "subjid", "siteid"], "act": "confirm"}
    preview = cora.post(f"{URL}many/", sent).content.decode()
    assert "3 of 3 can be confirmed together" in preview
    assert not Mapping.objects.exists()
    cora.post(f"{URL}many/", {**sent, "step": "apply", "reason": "all plain", "seen:sex": "0", "seen:subjid": "0"})
    assert list(Mapping.objects.values_list("reason", flat=True)) == ["all plain"] * 3


def test_many_without_a_reason_are_refused_whole(cora: Client) -> None:
    Mapping.objects.all().delete()
    answer = cora.post(f"{URL}many/", {"path": ["sex", "siteid"], "act": "confirm", "step": "apply", "reason": " "})
    assert answer.status_code == 422
    assert not Mapping.objects.exists()


def test_many_are_rejected_with_one_reason(cora: Client) -> None:
    cora.post(f"{URL}many/", {"path": ["sex", "siteid"], "act": "reject", "step": "apply", "reason": "look again"})
    assert Proposal.objects.filter(state="rejected", reason="look again").count() == 2


def test_the_preview_shows_guards_and_leaves_out_what_people_decided(cora: Client) -> None:
    guarded = next(p for p in Proposal.objects.filter(rank=1) if p.guards and p.relation in ("exact", "recode"))
    mapping.confirm(guarded.program, mapping_of("subjid"), actor=AT, reason="x")
    page = cora.post(f"{URL}many/", {"path": [guarded.path, "subjid"], "act": "confirm"}).content.decode()
    assert "Guard:" in page or "Decide it by itself" in page
    assert "A person has decided this field already" in page


def mapping_of(path: str) -> MappingSpec:
    return decided(CODE).by_path[path]


@pytest.mark.parametrize("chosen", ["review", "decided", "machine", "traps", "new", "all"])
def test_each_filter_shows_its_count(cora: Client, chosen: str) -> None:
    mapping.confirm(Proposal.objects.all()[0].program, mapping_of("subjid"), actor=AT, reason="x")
    page = show(cora, show=chosen)
    n = int(re.search(rf'show={chosen}"[^>]*>[^<]*<span class="sub">(\d+)', page)[1])  # type: ignore[index]
    assert page.count('class="field-link"') == n


def test_a_search_finds_fields_by_name_question_and_element(cora: Client) -> None:
    page = show(cora, q="sex-at-birth", show="all")
    assert "field=sex&" in page
    assert page.count('class="field-link"') < 5


def test_a_long_list_comes_in_pages_and_opens_the_page_of_the_field(
    cora: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "ON_A_PAGE", 10)
    assert "Page 2 of 6" in show(cora, show="all", page="2")
    last = show(cora, show="all", field="eqvas")
    assert "Page 6 of 6" in last
    assert last.count('class="field-link"') == 5


def test_htmx_gets_the_panel_alone(cora: Client) -> None:
    answer = cora.get(URL, {"field": "sex", "show": "all"}, headers={"HX-Request": "true", "HX-Target": "panel"})
    assert answer.content.decode().lstrip().startswith("<article")


def test_the_page_takes_few_queries_whatever_the_number_of_fields(
    cora: Client, django_assert_max_num_queries: object
) -> None:
    for path in ("sex", "subjid"):
        mapping.confirm(Proposal.objects.all()[0].program, mapping_of(path), actor=AT, reason="x")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        cora.get(URL, {"show": "all", "field": "sex"})


@pytest.mark.parametrize(
    ("name", "status"), [("sam", 200), ("dana", 200), ("audrey", 200), ("rita", 404), ("alice", 403)]
)
def test_who_may_read_the_review(reviewed: World, name: str, status: int) -> None:
    answer = signed_in(reviewed, name).get(URL, {"show": "all"})
    assert answer.status_code == status
    assert b'name="act"' not in answer.content


@pytest.mark.parametrize(("name", "status"), [("sam", 403), ("dana", 403), ("rita", 403), ("alice", 403)])
@pytest.mark.parametrize("way", ["decide", "many"])
def test_only_curators_decide(reviewed: World, name: str, status: int, way: str) -> None:
    before = TrailEntry.objects.count()
    post = {"path": "sex", "act": "confirm", "reason": "x", "step": "apply"}
    assert signed_in(reviewed, name).post(f"{URL}{way}/", post).status_code == status
    assert TrailEntry.objects.count() == before


def test_a_sponsor_sees_no_other_programs_name(reviewed: World) -> None:
    titles = {p.title for code, p in reviewed.programs.items() if p.sponsor.code == "registry"}
    client = signed_in(reviewed, "sam")
    pages = [show(client, show="all", field="sex"), client.get(reverse("mapping_review")).content.decode()]
    assert not [t for t in titles for page in pages if t in page]


def test_a_sponsor_cannot_look_at_the_draft_of_another_program(reviewed: World) -> None:
    other = upload(reviewed, "car_registry_eu")
    field = intake.fields_of(other)[0]
    mapping.confirm(other.program, suggesting.new("car_registry_eu", field), actor=AT, reason="x")
    query = {"field": "sex", "show": "all", "element": f"draft:car_registry_eu:{field.path}"}
    assert signed_in(reviewed, "sam").get(URL, query).status_code == 404
    assert signed_in(reviewed, "cora").get(URL, query).status_code == 200


def test_reading_writes_nothing(cora: Client) -> None:
    before = (Proposal.history.count(), Mapping.history.count(), TrailEntry.objects.count())
    show(cora, field="sex", element="ecog", show="all")
    assert (Proposal.history.count(), Mapping.history.count(), TrailEntry.objects.count()) == before


def test_the_steps_of_the_form_are_json(cora: Client) -> None:
    sent = typed(show(cora, field="rficdt", show="all"))
    assert json.loads(sent["steps"].replace("&#x27;", "'"))[0]["op"] == "date"


def test_what_a_decision_loses_is_said_before_it_is_taken(cora: Client) -> None:
    assert "Such an answer is delivered blank, with a note on the receipt." in show(cora, show="all", field="vistyp")
