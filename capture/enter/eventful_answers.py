"""Answers of made-up patients to whom things happen: seeded, valid for every element, no default of the product. Pure.

Called by count_asks (a patient whose course is not quiet) and by tests that deliver and re-import. The same seed gives
the same patient.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from capture.ask import marks, sheet
from capture.ask.asksheet import AskSheet, Question
from capture.ask.entered import latest_as_of
from capture.ask.facts import Entered, EnteredRecord, Entry, VisitFacts
from capture.query import marking

ROUNDS = 12  # more than any chain of conditions in the starter programs
MISSING = ("unknown", "not-done", "not-asked", "refused")
YES = 0.15  # a yes/no question, or "anything new?", answered yes
KEPT = 0.8  # an offered value kept
BLANK = 0.04  # a question that nobody can answer
PREFERRED = {"vital-status": "alive"}
WORDS = {"subject-id": "1001", "site-id": "101"}  # text here, a number in some programs
TEXT = "as in the chart"
PLAUSIBLE = {
    "body-height": ("150", "195"),
    "year-of-birth": ("1950", "2005"),
}  # programs have tighter limits than the catalog
BORN = (date(1950, 1, 1), date(2005, 12, 31))


class Eventful:
    """One made-up patient's answers. `kept` is the share of offers kept, `yes` how often something happened."""

    def __init__(self, seed: int, *, yes: float = YES, kept: float = KEPT, blank: float = BLANK) -> None:
        self.random = Random(seed)  # noqa: S311  (made-up patients, no secret)
        self.yes, self.kept, self.blank = yes, kept, blank

    def __call__(self, facts: VisitFacts) -> Entered:
        """Answer what is visible, and what becomes visible by that, until nothing is left."""
        entered = Entered()
        for _ in range(ROUNDS):
            made = sheet.build(facts, entered)
            stays = _without_gone_offers(made, entered)
            answers = {**stays.answers, **self._open(made, stays, facts)}
            records = self._records(made, answers, entered, facts)
            if answers == entered.answers and records == entered.records:
                break
            entered = Entered(answers, records)
        return replace(entered, records=tuple(_decided(r, facts, entered) for r in entered.records))

    def _open(self, made: AskSheet, entered: Entered, facts: VisitFacts) -> dict[str, Entry]:
        unanswered = (q for q in made.visible if q.kind != "field" and q.key not in entered.answers)
        return {q.key: self._answer(q, facts) for q in unanswered}

    def _answer(self, question: Question, facts: VisitFacts) -> Entry:
        if question.kind == "gate":
            return Entry("yes" if self.random.random() < self.yes else "no")
        if question.offer_value and self.random.random() < self.kept:
            return Entry(question.offer_value, confirmed=True)
        if not question.required and self.random.random() < self.blank:
            return Entry(missing=self.random.choice(MISSING))
        return Entry(self._value(question, facts))

    def _records(
        self, made: AskSheet, answers: dict[str, Entry], entered: Entered, facts: VisitFacts
    ) -> tuple[EnteredRecord, ...]:
        """One to three records of each group where something was new, made once."""
        done = {r.group for r in entered.records}
        made_now: list[EnteredRecord] = []
        for gate in (q for q in made.visible if q.kind == "gate"):
            if gate.group not in done and answers.get(gate.key, Entry()).value == "yes":
                made_now += self._group(gate, made, facts)
        return (*entered.records, *made_now)

    def _group(self, gate: Question, made: AskSheet, facts: VisitFacts) -> list[EnteredRecord]:
        fields = [q for q in made.questions if q.kind == "field" and q.group == gate.group]
        start = facts.release.groups[gate.group].date
        found = []
        for number in range(1, self.random.choice((2, 2, 3, 4))):
            began = self._day(gate, facts)
            values = {q.element: Entry(self._field(q, q.element == start, began, facts)) for q in fields}
            values.setdefault(start, Entry(began.isoformat()))
            found.append(EnteredRecord(f"new-{number}", gate.group, values))
        return found

    def _field(self, question: Question, starts: bool, began: date, facts: VisitFacts) -> str:
        """A record's own date lies in the asked time; its other dates lie between that and the report."""
        if question.datatype != "date":
            return self._value(question, facts)
        return (began if starts else self._between(began, latest_as_of(facts))).isoformat()

    def _value(self, question: Question, facts: VisitFacts) -> str:
        codes = [o.code for o in question.options]
        if question.element in PREFERRED and PREFERRED[question.element] in codes:
            return PREFERRED[question.element]
        if "no" in codes and self.random.random() >= self.yes:
            return "no"
        if question.datatype == "multichoice":
            chosen = set(self.random.sample(codes, k=min(len(codes), self.random.choice((1, 1, 2)))))
            return "|".join(c for c in codes if c in chosen)
        if codes:
            return self.random.choice(codes)
        if question.datatype in ("integer", "decimal"):
            return self._number(question)
        if question.datatype == "date":
            return self._day(question, facts).isoformat()
        return WORDS.get(question.element, TEXT)

    def _number(self, question: Question) -> str:
        """Inside the element's range; small where it names none."""
        least = question.minimum if question.minimum is not None else 0
        most = question.maximum if question.maximum is not None else least + 20
        low, high = (Decimal(str(n)) for n in PLAUSIBLE.get(question.element, (least, most)))
        if question.datatype == "integer":
            return str(self.random.randint(int(low), int(high)))
        return str((low + (high - low) * Decimal(self.random.randint(0, 1000)) / 1000).quantize(Decimal("0.01")))

    def _day(self, question: Question, facts: VisitFacts) -> date:
        """A day of the time the question is about, else since the last report of any asker."""
        if question.element == "date-of-birth":
            return self._between(*BORN)
        upto = question.covers_to or latest_as_of(facts)
        after = question.covers_from or min((o.after for o in facts.occasions), default=upto - timedelta(days=30))
        return self._between(min(after + timedelta(days=1), upto), upto)

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self.random.randint(0, max(0, (last - first).days)))


def _without_gone_offers(made: AskSheet, entered: Entered) -> Entered:
    """A relapse typed at this visit takes back the offers that had been kept before it."""
    offers = {q.key: q.offer_value for q in made.questions}
    gone = {key for key, e in entered.answers.items() if e.confirmed and offers.get(key) != e.value}
    return Entered({k: e for k, e in entered.answers.items() if k not in gone}, entered.records)


def _decided(record: EnteredRecord, facts: VisitFacts, entered: Entered) -> EnteredRecord:
    """The record with every proposal of a program's rule confirmed."""
    said = {
        marks.mark_of(one.program): Entry(one.proposal.mark)
        for one in marking.deciding(record, facts, entered)
        if one.proposal.mark
    }
    return replace(record, values={**record.values, **said})
