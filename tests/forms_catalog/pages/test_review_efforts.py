"""What a decision takes is measured with a signed start, shown to the team only, and the last press can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from forms_catalog import efforts, mapping, undoing
from forms_catalog.models import DecisionEffort, Mapping, Proposal
from sites.models import Membership, Role, TrailEntry, User
from tests.forms_catalog.pages.reviewing import CODE, URL, decide, show, typed
from tests.forms_catalog.pages.test_requests import signed_in
from tests.world import LONG_AGO, PASSWORD, World, reviewed_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewed(db: None) -> World:
    return reviewed_world()


@pytest.fixture
def cora(reviewed: World) -> Client:
    return signed_in(reviewed, "cora")


def shown_before(world: World, path: str, seconds: float, who: str = "cora") -> str:
    """The token of a page that was shown so many seconds ago."""
    at = timezone.now() - timedelta(seconds=seconds)
    return efforts.shown(world.programs[CODE], path, world.people[who], at)


def confirmed(client: Client, path: str, **more: str) -> DecisionEffort:
    sent = {**typed(show(client, field=path, show="all")), "reason": "looked at", **more}
    assert decide(client, **sent).status_code == 302
    return DecisionEffort.objects.latest("id")


def press_of(page: str, key: str = 'id="undo-last"') -> dict[str, str]:
    return typed(page, key)


def undo(client: Client, **post: str) -> str:
    return client.post(f"{URL}undo/", post, follow=True).content.decode()


def many(client: Client, *paths: str, act: str = "confirm") -> None:
    sent: dict[str, object] = {"path": list(paths), "act": act, "step": "apply", "reason": "side by side"}
    assert client.post(f"{URL}many/", sent).status_code == 302


def test_a_decision_keeps_the_seconds_since_its_page_was_shown(reviewed: World, cora: Client) -> None:
    made = confirmed(cora, "sex", shown=shown_before(reviewed, "sex", 42), keys="3")
    assert (made.path, made.act, made.actor, made.size, made.keys) == ("sex", "confirm", "cora", 1, 3)
    assert made.version == Mapping.objects.get(path="sex").version
    assert 42 <= (made.seconds or 0) < 60


def test_the_page_itself_hands_out_the_moment(cora: Client) -> None:
    assert confirmed(cora, "sex").seconds is not None


def test_a_forged_or_foreign_moment_measures_nothing(reviewed: World, cora: Client) -> None:
    now = timezone.now().timestamp()
    forged = signing.dumps([CODE, "sex", reviewed.cora.pk, now], salt="mine")
    tokens = [forged, "", "x:y", signing.dumps("text", salt=efforts.SALT), shown_before(reviewed, "siteid", 5)]
    tokens.append(shown_before(reviewed, "sex", 5, who="dana"))
    assert [confirmed(cora, "sex", shown=token, reason=f"r{n}").seconds for n, token in enumerate(tokens)] == [None] * 6


def test_who_was_away_counts_as_ten_minutes(reviewed: World, cora: Client) -> None:
    assert confirmed(cora, "sex", shown=shown_before(reviewed, "sex", 7200)).seconds == efforts.LONGEST


def test_a_moment_in_the_future_is_no_negative_time(reviewed: World, cora: Client) -> None:
    assert confirmed(cora, "sex", shown=shown_before(reviewed, "sex", -50)).seconds == 0


def test_another_candidate_of_the_same_field_keeps_the_moment(reviewed: World, cora: Client) -> None:
    token = shown_before(reviewed, "sex", 30)
    assert token in show(cora, field="sex", show="all", element="ecog", shown=token)
    assert token not in show(cora, field="siteid", show="all", shown=token)


def test_a_refused_decision_keeps_the_moment_too(reviewed: World, cora: Client) -> None:
    sent = {**typed(show(cora, field="sex", show="all")), "shown": shown_before(reviewed, "sex", 30), "reason": " "}
    answer = decide(cora, **sent)
    assert answer.status_code == 422
    assert sent["shown"] in answer.content.decode()
    assert not DecisionEffort.objects.exists()


def test_a_batch_shares_its_time_among_its_fields(reviewed: World, cora: Client) -> None:
    token = shown_before(reviewed, efforts.MANY, 30)
    sent = {"path": ["sex", "subjid", "siteid"], "act": "confirm", "step": "apply", "reason": "ok", "shown": token}
    cora.post(f"{URL}many/", sent)
    rows = DecisionEffort.objects.all()
    assert [(r.size, round(r.seconds or 0)) for r in rows] == [(3, 10)] * 3
    assert rows.aggregate(n=Count("press", distinct=True))["n"] == 1


@pytest.mark.parametrize("act", ["not_same", "reject", "reconsider", "undo", "new"])
def test_every_act_is_measured(cora: Client, act: str) -> None:
    first = Proposal.objects.get(path="sex", rank=1).element.key
    if act == "reconsider":
        decide(cora, path="sex", element=first, act="reject", seen="0", reason="no")
    if act == "undo":
        confirmed(cora, "sex")
    seen = str(getattr(Mapping.objects.filter(path="sex").first(), "version", 0))
    decide(cora, path="sex", element=first, act=act, seen=seen, reason="because")
    assert DecisionEffort.objects.latest("id").act == act


def test_medians_are_shown_to_curators_and_admins_only(reviewed: World, cora: Client) -> None:
    cora_acts = {"program": reviewed.programs[CODE], "act": "confirm", "actor": "cora", "at": timezone.now()}
    for path, seconds in (("sex", 10), ("subjid", 20), ("siteid", 60)):
        DecisionEffort.objects.create(path=path, seconds=seconds, **cora_acts)
    assert '<td class="num">20.0</td><td class="num">3</td>' in show(cora, show="all")
    assert '<td class="num">20.0</td>' in show(signed_in(reviewed, "dana"), show="all")
    for name in ("sam", "audrey"):
        page = show(signed_in(reviewed, name), show="all")
        assert not [word for word in ("Median", "minutes left", 'name="shown"') if word in page]
    assert signed_in(reviewed, "alice").get(URL, {"show": "all"}).status_code == 403


def test_the_own_median_counts_once_there_are_five(reviewed: World, cora: Client) -> None:
    program, actor = reviewed.programs[CODE], reviewed.actor("cora", "curator")
    rows = [("dana", 100.0)] * 9 + [("cora", 4.0)] * 5
    found = [efforts.Effort("p", "", "confirm", 1, None, 1, s, name, actor.now) for name, s in rows]  # type: ignore[arg-type]
    assert efforts.typical(found, "cora") == 4
    assert efforts.typical(found[:-1], "cora") == 100
    assert efforts.typical(efforts.of(program), "cora") is None


def test_the_last_decision_can_be_undone(cora: Client) -> None:
    confirmed(cora, "sex")
    confirmed(cora, "siteid")
    page = undo(cora, **press_of(show(cora)))
    assert "siteid: undone." in page
    assert dict(Mapping.objects.filter(path__in=["sex", "siteid"]).values_list("path", "state")) == {
        "sex": "confirmed",
        "siteid": "open",
    }
    assert "Sex accepted" in page  # the one before is next


def test_a_mark_is_taken_back_by_undo_too(cora: Client) -> None:
    first = Proposal.objects.get(path="sex", rank=1).element.key
    decide(cora, path="sex", element=first, act="not_same", seen="0", reason="no")
    undo(cora, **press_of(show(cora)))
    assert Proposal.objects.get(path="sex", element__key=first).state == "proposed"


def test_a_batch_is_undone_as_a_whole_even_after_other_decisions(cora: Client) -> None:
    many(cora, "sex", "subjid", "siteid")
    confirmed(cora, "infdt")
    page = undo(cora, **{**press_of(show(cora), 'id="undo-batch"'), "reason": "the wrong list"})
    assert "3 fields: undone." in page
    assert list(Mapping.objects.filter(reason="the wrong list").values_list("state", flat=True)) == ["open"] * 3
    assert TrailEntry.objects.filter(action="undo_mapping", reason="the wrong list").count() == 3
    assert Mapping.objects.get(path="infdt").state == "confirmed"


def test_a_rejected_batch_is_undone_too(cora: Client) -> None:
    many(cora, "sex", "siteid", act="reject")
    undo(cora, **press_of(show(cora)))
    assert not Proposal.objects.filter(state="rejected").exists()


def test_undo_leaves_what_somebody_decided_meanwhile(reviewed: World, cora: Client) -> None:
    many(cora, "sex", "siteid")
    sent = press_of(show(cora))
    dana = reviewed.actor("dana", "curator")
    spec = mapping.spec_of(Mapping.objects.get(path="sex"))
    mapping.undo(Mapping.objects.get(path="sex"), actor=dana, reason="hers")
    mapping.confirm(reviewed.programs[CODE], spec, actor=dana, reason="hers")
    assert "siteid: undone." in undo(cora, **sent)
    assert Mapping.objects.get(path="sex").state == "confirmed"


def test_undo_is_all_or_none(reviewed: World, cora: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    many(cora, "sex", "siteid")
    monkeypatch.setattr(undoing, "_stands", lambda *args: True)  # as if the second one had passed the look
    mapping.undo(Mapping.objects.get(path="siteid"), actor=reviewed.actor("dana"), reason="hers")
    page = undo(cora, press=str(DecisionEffort.objects.latest("id").press), reason="mine")
    assert "Nothing was undone." in page
    assert Mapping.objects.get(path="sex").state == "confirmed"


@pytest.mark.parametrize("press", ["", "no uuid", "00000000-0000-0000-0000-000000000001"])
def test_what_is_no_press_of_mine_is_not_undone(cora: Client, press: str) -> None:
    confirmed(cora, "sex")
    assert "Nothing was undone." in undo(cora, press=press, reason="x")


def test_nobody_undoes_the_press_of_another(reviewed: World, cora: Client) -> None:
    confirmed(cora, "sex")
    other = User.objects.create_user("carl", "carl@example.org", PASSWORD)
    Membership.objects.create(user=other, role=Role.CURATOR, valid_from=LONG_AGO)
    reviewed.people["carl"] = other
    carl = signed_in(reviewed, "carl")
    assert 'id="undo-last"' not in show(carl)
    assert "Nothing was undone." in undo(carl, press=str(DecisionEffort.objects.get().press), reason="x")


def test_an_undo_without_a_reason_is_refused(cora: Client) -> None:
    confirmed(cora, "sex")
    assert "Say why" in undo(cora, **{**press_of(show(cora)), "reason": " "})
    assert Mapping.objects.get(path="sex").state == "confirmed"
