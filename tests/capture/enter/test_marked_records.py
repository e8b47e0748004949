"""Through the gateways: a record carried forward, and what a person said about telling it again, with who and why."""

from __future__ import annotations

import pytest

from capture.ask import marks
from capture.ask.facts import Entry
from capture.ask.marks import AGAIN, TELL, mark_of, reason_of
from capture.enter import correcting
from capture.enter.correcting import Correction
from capture.models import Occurrence, Response
from tests.capture.enter import test_response_identity as infections
from tests.capture.enter.test_response_identity import NA, SPONSOR, infection, on, report, told
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db
two_programs = infections.two_programs


@pytest.fixture
def recurred(two_programs: World) -> World:
    """A viral infection of day 60 ended on day 90, one of day 130: confirmed as the same for the registry."""
    severe = {"max_grade": "3", "organism": "viral", "clinically_significant": "yes"}
    report(two_programs, "D100", infection("new-1", date=on(60), end_date=on(90), **severe))
    again = infection("new-1", date=on(130), **severe)
    again.values[mark_of(NA)] = Entry(AGAIN)  # type: ignore[index]
    report(two_programs, "M6", again)
    return two_programs


def test_the_verdict_is_kept_with_who_and_why_and_obeyed_by_that_programs_slice(recurred: World) -> None:
    mark = Response.objects.get(element=marks.REPORTABLE)
    assert (mark.qualifier, mark.value, mark.author, mark.is_current) == (NA, AGAIN, "alice", True)
    assert mark.reason.startswith("It recurs 40 days after the viral infection")
    assert told(NA, "M6", "inf_sig", "inf_org") == [1, "2", ""]
    assert told(SPONSOR, "M6", "sinf3") == [1, "Y"]


def test_a_verdict_may_be_taken_back_later_and_the_report_gets_a_new_revision(recurred: World) -> None:
    mark = Response.objects.get(element=marks.REPORTABLE)
    correcting.correct(mark, Correction(TELL), actor=recurred.actor("alice"), reason="another virus", today=TODAY)
    assert told(NA, "M6", "inf_sig", "inf_org") == [2, "1", "2"]
    assert Response.objects.filter(element=marks.REPORTABLE).count() == 2, "the first verdict stays"


def test_a_record_that_goes_on_is_marked_at_each_visit_and_closed_once(two_programs: World) -> None:
    report(two_programs, "D100", infection("new-1", date=on(60), organism="viral"))
    mine = Occurrence.objects.get()
    going_on = infection(str(mine.pk))
    going_on.values[marks.ONGOING] = Entry("yes")  # type: ignore[index]
    report(two_programs, "M6", going_on, gate="no")
    report(two_programs, "Y1", infection(str(mine.pk), end_date=on(300)), gate="no")
    said = Response.objects.filter(context=f"o{mine.pk}", element=marks.ONGOING)
    assert [r.value for r in said] == ["yes"]
    assert infections.current(f"o{mine.pk}")["infection-end-date"] == on(300)
    assert Occurrence.objects.count() == 1


def test_an_overriding_reason_is_the_persons_own(two_programs: World) -> None:
    report(two_programs, "D100", infection("new-1", date=on(60), organism="viral"))
    again = infection("new-1", date=on(130), organism="viral", clinically_significant="yes")
    again.values.update({mark_of(NA): Entry(TELL), reason_of(NA): Entry("sequenced: EBV, before CMV")})  # type: ignore[attr-defined]
    report(two_programs, "M6", again)
    assert Response.objects.get(element=marks.REPORTABLE).reason == "sequenced: EBV, before CMV"
    assert told(NA, "M6", "inf_sig") == [1, "1"]
