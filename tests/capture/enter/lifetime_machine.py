"""A patient's 15 years as a state machine: anything a site can do, in any order, through the gateways, on real rows.

Each sequence runs in a transaction that is taken back, so that the next one starts from the same world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import ClassVar
from uuid import uuid4

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from capture.ask import load
from capture.enter import (
    correcting,
    delivering,
    enrolling,
    happenings,
    ledger_check,
    opening,
    pinning,
    recording,
)
from capture.enter.correcting import Correction, CorrectionError
from capture.enter.demo_answers import fill
from capture.enter.enrolling import ConsentGiven, EnrollingError
from capture.enter.eventful_answers import Eventful
from capture.enter.happenings import HappeningError
from capture.enter.pinning import PinError
from capture.enter.recording import Post, SubmitError
from capture.models import (
    Draft,
    Enrollment,
    Patient,
    PatientEvent,
    Response,
    Timepoint,
    Treatment,
    Visit,
)
from capture.plan import scheduling
from capture.remind import notices, sending
from forms_catalog import publishing
from forms_catalog.specs import ReleaseSpec
from sites.models import TrailEntry
from sites.trail import Actor
from tests.capture.enter import lifetime_invariants as holds
from tests.capture.enter import lifetime_work
from tests.sizes import THOROUGH
from tests.world import AT, LIVE, TODAY, World

REFUSED = (HappeningError, EnrollingError, SubmitError, CorrectionError, PinError, delivering.DeliveringError)
INFUSED = TODAY  # after the programs were accepted: what ended before is not owed
LAST = INFUSED + timedelta(days=15 * 366)
KINDS = ("death", "program_closed", *("lost", "withdrawn", "transfer") * 3, "survival_only", "survival_only")
TALLY: Counter[str] = Counter()  # what was done and what was refused, over all sequences of a run
STEPS = (
    *("submit",) * 8,
    *("happen",) * 8,
    *("correct", "undo", "come_back") * 3,
    *("deliveries",) * 8,
    *("report_a_death", "infuse_again", "consent", "lock_or_unlock", "pin", "draft", "new_version", "remind"),
)


class Lifetime(RuleBasedStateMachine):
    """One patient of the CAR-T world. `versions` are releases that may follow the first one."""

    world: ClassVar[World]
    versions: ClassVar[tuple[ReleaseSpec, ...]]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.today = INFUSED + timedelta(days=1)
        self.seen = holds.Seen()
        TALLY["sequences"] += 1
        if THOROUGH and TALLY["sequences"] % 25 == 0:
            print(dict(TALLY.most_common()), flush=True)

    def teardown(self) -> None:
        try:
            if hasattr(self, "patient"):
                holds.preparing_again_changes_nothing(self.patient, self.today)
                replayed = ledger_check.replay()
                assert (replayed.drift, replayed.damaged) == ((), ())
                TALLY["ledger rows replayed"] += replayed.entries
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # who

    @initialize(programs=st.sets(st.sampled_from(LIVE), min_size=1), by=st.sampled_from(["patient", "guardian"]))
    def enrol(self, programs: set[str], by: str) -> None:
        self.patient = enrolling.add_patient(self.world.north, "LIFE-0001", since=INFUSED, actor=self.actor)
        treatment = enrolling.add_treatment(self.patient, INFUSED, "axi-cel", actor=self.actor)
        for code in sorted(programs):
            enrolling.enrol(
                treatment,
                self.world.programs[code],
                enrolled_on=INFUSED,
                consents=[ConsentGiven("v1", INFUSED, given_by=by)],
                owed_from=INFUSED,
                actor=self.actor,
                today=self.today,
            )

    @rule(what=st.sampled_from(STEPS), days=st.integers(0, 800), seed=st.integers(0, 99_999))
    def step(self, what: str, days: int, seed: int) -> None:
        """Some days later one thing is done; `seed` chooses what exactly."""
        self.today = min(self.today + timedelta(days=days), LAST)
        getattr(self, what)(Random(seed))

    def remind(self, chance: Random) -> None:
        """The sweep: people are told of open visits of their own sites, and of nothing else."""
        now = datetime.combine(self.today, time(12), UTC)
        notices.roll(now)
        for planned in sending.planned(now):
            sites = {site.code for site in planned.reader.sites}
            told = {item.visit.id for item in planned.items}
            mine = Timepoint.objects.filter(visit__in=told, state="planned", visit__site__code__in=sites)
            assert told == set(mine.values_list("visit", flat=True))
        TALLY["remind"] += 1

    # reports

    def submit(self, chance: Random) -> None:
        """One of the earliest open visits, with what a made-up patient would say."""
        visit = self._open_visit(chance.choice([0, 0, 0, 1]))
        if visit is None:
            return
        self.today = max(self.today, min(visit.planned_on, LAST))
        facts = load.for_visits([visit.pk], today=self.today)[visit.pk]
        post = Post(uuid4(), visit.version, Eventful(chance.randrange(9999))(facts), {}, 4200)
        self._do("submit", lambda: recording.submit(visit, post, actor=self.actor, today=self.today))

    def report_a_death(self, chance: Random) -> None:
        visit = self._open_visit(0)
        if visit is None or visit.planned_on > self.today:
            return
        day = max(INFUSED, visit.planned_on - timedelta(days=chance.randrange(60))).isoformat()
        facts = load.for_visits([visit.pk], today=self.today)[visit.pk]
        answers = fill(facts, {"vital-status": "dead", "death-date": day})
        post = Post(uuid4(), visit.version, answers, {}, 100)
        self._do("report a death", lambda: recording.submit(visit, post, actor=self.actor, today=self.today))

    def correct(self, chance: Random) -> None:
        rows = list(Response.objects.filter(patient=self.patient, is_current=True).order_by("pk"))
        if rows:
            row, missing = chance.choice(rows), chance.choice(["unknown", "not-done", "refused"])
            new = Correction(missing=missing) if row.value else Correction("no")
            asked = {"actor": self.actor, "reason": "chart", "today": self.today}
            self._do("correct", lambda: correcting.correct(row, new, **asked))  # type: ignore[arg-type]

    def deliveries(self, chance: Random) -> None:
        """A delivery leaves, is copied, confirmed or refused; or a report is signed."""
        lifetime_work.some(self.patient, self.actor, chance, TALLY)

    def lock_or_unlock(self, chance: Random) -> None:
        rows = list(Timepoint.objects.filter(enrollment__treatment__patient=self.patient, state="submitted"))
        if rows:
            row = chance.choice(rows)
            act = delivering.unlock if row.locked else delivering.lock
            self._do("lock", lambda: act(row, actor=self.actor, reason="told", today=self.today))

    # what happens

    def happen(self, chance: Random) -> None:
        kind = chance.choice(KINDS)
        on = max(INFUSED, self.today - timedelta(days=chance.choice([0, 0, chance.randrange(400)])))
        program = "" if kind in happenings.OF_ALL_PROGRAMS else chance.choice(["", *LIVE])
        self._record(kind, on, program, self._details(kind, chance))

    def come_back(self, chance: Random) -> None:
        """What a loss or a withdrawal ended goes on."""
        ended = [e for e in happenings.standing(self.patient) if e.kind in happenings.ENDED_BY]
        if ended:
            row = chance.choice(ended)
            self._record(happenings.ENDED_BY[PatientEvent.Kind(row.kind)], self.today, row.program, {})

    def infuse_again(self, chance: Random) -> None:
        if Treatment.objects.filter(patient=self.patient).count() < 3:
            on = max(INFUSED + timedelta(days=1), self.today - timedelta(days=chance.randrange(200)))
            self._do("infuse", lambda: enrolling.add_treatment(self.patient, on, "cilta-cel", actor=self.actor))

    def undo(self, chance: Random) -> None:
        rows = list(happenings.standing(self.patient))
        if rows:
            row = chance.choice(rows)
            asked = {"actor": self.actor, "reason": "wrong", "today": self.today}
            self._do(f"undo {row.kind}", lambda: happenings.undo(row, **asked))  # type: ignore[arg-type]

    def consent(self, chance: Random) -> None:
        enrolment = chance.choice(list(Enrollment.objects.filter(treatment__patient=self.patient).order_by("pk")))
        given = ConsentGiven("v2", self.today, given_by=chance.choice(enrolling.GIVERS))
        self._do("consent", lambda: enrolling.give_consent(enrolment, given, actor=self.actor))

    # the plan

    def pin(self, chance: Random) -> None:
        rows = list(Visit.objects.filter(patient=self.patient, kind="followup", submitted_at__isnull=True)[:4])
        if rows:
            visit = chance.choice(rows)
            on = visit.planned_on + timedelta(days=chance.randint(-20, 20))
            self._do("pin", lambda: pinning.pin(visit, on, actor=self.actor, reason="room", today=self.today))

    def draft(self, chance: Random) -> None:
        """Somebody begins to type: the visit stays as it is, whatever is planned."""
        visit = self._open_visit(chance.randrange(3))
        if visit is not None and not visit.drafts.exists():
            release = opening.open_with(visit)
            Draft.objects.create(
                visit=visit,
                user=self.world.people["alice"],
                release=release,
                visit_version=visit.version,
                updated_at=self.actor.now,
                values={"a": 1},
            )
            scheduling.plan_patient(self.patient.pk, actor=self.actor, reason="draft", today=self.today)
            TALLY["draft"] += 1

    def new_version(self, chance: Random) -> None:
        """A program's schedule changes: entries go and come, windows move."""
        spec = chance.choice(self.versions)
        publishing.publish(spec, dict.fromkeys(LIVE, 2), actor=self.actor, reason="new version")
        scheduling.plan_patient(self.patient.pk, actor=self.actor, reason="new version", today=self.today)
        TALLY["new version"] += 1

    # after every step

    @invariant()
    def nothing_is_lost_and_nothing_open_that_is_not_owed(self) -> None:
        if not hasattr(self, "patient"):
            return
        self.patient = Patient.objects.get(pk=self.patient.pk)
        self.seen.check(self.patient)
        holds.every_place_once(self.patient)
        holds.nothing_open_beyond_what_is_owed(self.patient)
        holds.each_visit_at_the_site_of_its_day(self.patient)
        holds.planning_again_changes_nothing(self.patient, self.today)
        TALLY["steps"] += 1

    # how

    @property
    def actor(self) -> Actor:
        return replace(AT, simulated_at=datetime.combine(self.today, time(12), UTC))

    def _do(self, name: str, act: Callable[[], object]) -> None:
        """Done, or refused without a trace."""
        before = TrailEntry.objects.count()
        try:
            act()
        except REFUSED:
            assert TrailEntry.objects.count() == before
            TALLY[f"{name} refused"] += 1
        else:
            TALLY[name] += 1

    def _open_visit(self, ahead: int) -> Visit | None:
        rows = Visit.objects.filter(patient=self.patient, submitted_at__isnull=True, timepoints__state="planned")
        found = list(rows.distinct().order_by("planned_on", "pk")[: ahead + 1])
        return found[-1] if found else None

    def _record(self, kind: str, on: date, program: str, details: dict[str, object]) -> None:
        asked = {"program": program, "details": details, "actor": self.actor, "reason": "told", "today": self.today}
        self._do(kind, lambda: happenings.record(self.patient, kind, on, **asked))  # type: ignore[arg-type]

    def _details(self, kind: str, chance: Random) -> dict[str, object]:
        if kind == "transfer":
            return {"site": chance.choice(["north", "south"])}
        if kind == "lost":
            return {"attempts": [(self.today - timedelta(days=n)).isoformat() for n in range(3)]}
        if kind == PatientEvent.Kind.SURVIVAL_ONLY:
            mine = Timepoint.objects.filter(enrollment__treatment__patient=self.patient, state="planned")
            rows = mine.exclude(kind="baseline")
            uuids = list(rows.order_by("window_start", "pk").values_list("uuid", flat=True)[:6])
            return {"timepoint": str(chance.choice(uuids))} if uuids else {}
        return {}
