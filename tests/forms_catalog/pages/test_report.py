"""The import report: the matcher at work, what came of earlier decisions, evidence and files, through HTTP only."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_catalog import handing_in, mapping, proposal_runs
from forms_catalog.models import DictionaryVersion, Mapping, ProposalRun
from forms_catalog.specs import MappingSpec, Source, Step
from sites.models import Program, TrailEntry
from tests import world as cast
from tests.forms_catalog.redcap_made import Row, csv_of
from tests.world import AT, World

pytestmark = pytest.mark.django_db
CODE = "sma_registry"
SEX = Row("sex", "Sex", "radio", "M, Male | F, Female")
MANY = [Row(f"f{n}", f"Weight at visit {n}", validation="number") for n in range(170)]
MAPPED = MappingSpec(
    CODE, "sex", "recode", (Source("sex-at-birth"),), (Step("recode", {"map": {"male": "M", "female": "F"}}),)
)

ODM = b"""<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot" FileOID="f"
CreationDateTime="2026-01-01T00:00:00"><Study OID="s"><MetaDataVersion OID="m" Name="m">
<FormDef OID="F" Name="Enrol" Repeating="No"><ItemGroupRef ItemGroupOID="G" Mandatory="Yes"/></FormDef>
<ItemGroupDef OID="G" Name="G" Repeating="No"><ItemRef ItemOID="A" Mandatory="Yes"/>
<ItemRef ItemOID="B" Mandatory="No" CollectionExceptionConditionOID="C"/></ItemGroupDef>
<ItemDef OID="A" Name="A" DataType="integer"><Question><TranslatedText xml:lang="en">Age</TranslatedText>
<TranslatedText xml:lang="nl">Leeftijd</TranslatedText></Question></ItemDef>
<ItemDef OID="B" Name="B" DataType="integer"><Question><TranslatedText xml:lang="en">Weight</TranslatedText></Question>
</ItemDef><ConditionDef OID="C" Name="c"><FormalExpression Context="XPath">A &lt; 3</FormalExpression></ConditionDef>
</MetaDataVersion></Study></ODM>"""


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def program(world: World) -> Program:
    return world.programs[CODE]


def hand_in(program: Program, *rows: Row, name: str = "a.csv") -> DictionaryVersion:
    version, _ = handing_in.hand_in(program, csv_of(*rows), name, actor=AT)
    return version


def get(world: World, route: str = "request_version", number: int = 1, who: str = "cora", **sent: Any) -> HttpResponse:
    client = Client()
    client.force_login(world.people[who])
    return client.get(reverse(route, args=[CODE, number]), **sent)  # type: ignore[return-value]


def text_of(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def part(world: World) -> str:
    return text_of(get(world, "request_proposing", headers={"HX-Request": "true"}))


def test_the_report_shows_how_far_the_matcher_is_and_asks_again_until_it_is_done(
    world: World, program: Program
) -> None:
    run = ProposalRun.objects.get(version=hand_in(program, *MANY))
    assert "0 of 170 fields looked at" in text_of(get(world))
    proposal_runs.run_chunk(run.pk)
    assert "150 of 170 fields looked at" in part(world)
    assert 'hx-trigger="every 2s"' in part(world)
    proposal_runs.run_all(run)
    assert "hx-trigger" not in part(world)
    assert "The matcher looked at 170 fields" in part(world)
    assert "hx-trigger" not in text_of(get(world))


def test_the_part_alone_is_never_shown_as_a_page(world: World, program: Program) -> None:
    hand_in(program, *MANY)
    assert get(world, "request_proposing")["Location"] == reverse("request_version", args=[CODE, 1])


def test_a_run_that_was_overtaken_ends_the_asking(world: World, program: Program) -> None:
    run = ProposalRun.objects.get(version=hand_in(program, *MANY))
    hand_in(program, SEX)
    proposal_runs.run_all(run)
    assert "A newer version came" in part(world)
    assert "hx-trigger" not in part(world)


def given_up(program: Program) -> ProposalRun:
    run = ProposalRun.objects.get(version=hand_in(program, *MANY))
    ProposalRun.objects.update(state="dead", dead_at=AT.now, next_try_at=None, done=150, last_error="KeyError: 'kg'")
    return run


def test_a_run_that_was_given_up_says_so_and_is_taken_up_again(world: World, program: Program) -> None:
    run = given_up(program)
    page = text_of(get(world))
    assert "Proposals stopped at 150 of 170 fields" in page
    assert "KeyError: &#x27;kg&#x27;" in page
    client = Client()
    client.force_login(world.people["cora"])
    answer = client.post(reverse("request_proposing", args=[CODE, 1]), follow=True)
    assert "Taken up again where it stopped" in answer.content.decode()
    run.refresh_from_db()
    assert (run.state, run.done, run.dead_at) == ("queued", 150, None)
    assert TrailEntry.objects.get(action="propose_again").actor == "cora"
    again = client.post(reverse("request_proposing", args=[CODE, 1]), follow=True)
    assert "It had not stopped" in again.content.decode()


def test_an_auditor_sees_that_it_stopped_but_cannot_take_it_up(world: World, program: Program) -> None:
    run = given_up(program)
    page = text_of(get(world, who="audrey"))
    assert "Proposals stopped" in page
    assert "Try again" not in page
    client = Client()
    client.force_login(world.people["audrey"])
    assert client.post(reverse("request_proposing", args=[CODE, 1])).status_code == 403
    run.refresh_from_db()
    assert run.state == "dead"


@pytest.mark.parametrize(("rows", "follow"), [([SEX], False), (MANY, True)])
def test_the_message_of_a_large_upload_says_that_proposals_follow(
    world: World, program: Program, rows: list[Row], follow: bool
) -> None:
    client = Client()
    client.force_login(world.people["cora"])
    file = io.BytesIO(csv_of(*rows))
    file.name = "a.csv"
    answer = client.post(reverse("request_upload", args=[CODE]), {"dictionary": file}, follow=True)
    assert "Taken in as version 1" in answer.content.decode()
    assert ("Proposals follow" in answer.content.decode()) is follow


def test_what_came_of_earlier_decisions_is_counted_with_a_way_to_the_difference(world: World, program: Program) -> None:
    hand_in(program, SEX)
    mapping.confirm(program, MAPPED, actor=AT, reason="the same question")
    hand_in(program, SEX.but(label="Sex at birth of the mother"))
    page = text_of(get(world, number=2))
    assert "Decisions on version 1: 0 hold as they are, 0 carried over, 1 back to review" in page
    assert reverse("request_diff", args=[CODE, 2]) in page


def test_undo_never_reaches_the_decision_on_an_earlier_wording(world: World, program: Program) -> None:
    hand_in(program, SEX)
    mapping.confirm(program, MAPPED, actor=AT, reason="the same question")
    earlier = Mapping.objects.get(path="sex")
    hand_in(program, SEX.but(label="Sex at birth of the mother"))
    client = Client()
    client.force_login(world.people["cora"])
    sent = {"path": "sex", "act": "undo", "seen": str(earlier.version), "reason": "it is not"}
    answer = client.post(reverse("mapping_decide", args=[CODE]), sent)
    assert (answer.status_code, b"nothing to undo" in answer.content) == (422, True)
    earlier.refresh_from_db()
    assert earlier.state == Mapping.State.CONFIRMED


def test_each_field_has_its_row_and_what_could_not_be_read_as_evidence(world: World, program: Program) -> None:
    hand_in(program, SEX.but(branching="[age >> 3"))
    page = text_of(get(world))
    assert "<dt>field_name</dt><dd>sex</dd>" in page
    assert "<dt>Branching, could not be read</dt><dd><code>[age &gt;&gt; 3</code></dd>" in page


def test_the_file_is_handed_back_as_it_came_and_never_opened_by_the_browser(world: World, program: Program) -> None:
    hand_in(program, SEX, name='a"b\u202e<é>.csv')
    answer = get(world, "request_original", who="audrey")
    assert answer.content == csv_of(SEX)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''a%22b%3C%C3%A9%3E.csv"


def test_problems_come_as_csv_that_no_spreadsheet_runs(world: World, program: Program) -> None:
    odd = [
        {"line": 3, "path": "-b", "code": "odd", "severity": "warning", "message": "@SUM(1)"},
        {"line": 2, "path": "=1+1", "code": "bad", "severity": "error", "message": "+2, mend it"},
    ]
    made = {
        "number": 1,
        "sha256": "0",
        "file_name": "a.csv",
        "format": "redcap",
        "original": b"a",
        "created_at": AT.now,
    }
    DictionaryVersion.objects.create(program=program, problems=odd, created_by="cora", **made)
    answer = get(world, "request_problems")
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["severity", "line", "field", "code", "message"]
    assert rows[1:] == [["error", "2", "'=1+1", "bad", "'+2, mend it"], ["warning", "3", "'-b", "odd", "'@SUM(1)"]]
    assert "attachment" in answer["Content-Disposition"]


def test_a_list_of_many_fields_is_paged_at_the_same_cost(world: World, program: Program) -> None:
    hand_in(program, SEX)
    hand_in(program, *MANY)
    with CaptureQueriesContext(connection) as few:
        get(world)
    with CaptureQueriesContext(connection) as many:
        page = text_of(get(world, number=2))
    assert "Page 1 of 9 (170 in all)" in page
    assert len(many) <= len(few)


def test_the_worst_problems_stand_open_and_the_others_are_folded(world: World, program: Program) -> None:
    hand_in(program, *(row.but(branching="[age >> 3") for row in MANY))
    page = text_of(get(world))
    assert "0 errors, 171 warnings, 0 notes" in page
    opened, folded = page.split("<summary>161 more</summary>")
    assert (opened.count("branching_unreadable"), folded.count("branching_unreadable")) == (9, 161)
    assert "only if [age" not in page


def test_the_report_names_edition_and_languages_and_keeps_conditions_in_the_words_of_the_file(
    world: World, program: Program
) -> None:
    handing_in.hand_in(program, ODM, "a.xml", actor=AT)
    page = text_of(get(world))
    assert "(odm 1.3.2, languages: en, nl)" in page
    assert "only if not [A] &lt; 3" in page
    assert "<dt>Branching, in its own words</dt><dd><code>A &lt; 3</code></dd>" in page


def test_the_report_names_the_forms_that_come_due_by_answers(world: World) -> None:
    cast.upload(world, "car_pass_sponsor")
    client = Client()
    client.force_login(world.people["cora"])
    text = text_of(client.get(reverse("request_version", args=["car_pass_sponsor", 1])))  # type: ignore[arg-type]
    assert "Forms that come due by answers" in text
    assert "a new record: adverse-event, ae-serious yes" in text
    assert "24 hours" in text
