"""What the coordinator of the story knows of her patient at day 100 and month 6. For journeys and golden files.

A patient of 61 with lymphoma: CRS of grade 2 on days 3 to 9, one bacterial infection with a hospital stay at day 40, in
complete remission since day 88. Between day 100 and month 6 a viral infection on day 150, else nothing new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from capture.ask.asksheet import AskSheet, Question
from capture.ask.facts import Entered, EnteredRecord, Entry

Value = str | int  # an int is a day after the infusion


@dataclass(frozen=True)
class Told:
    """What is told at one visit: element or element~qualifier → value, record group → records. Empty = not told."""

    values: Mapping[str, Value]
    records: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()

    def value(self, question: Question, infused: date) -> str:
        """The answer to a question as it is typed; a gate is yes where there are records."""
        if question.kind == "gate":
            return "yes" if question.group in self.records else "no"
        told = self.values.get(f"{question.element}~{question.qualifier}") if question.qualifier else None
        told = self.values[question.element] if told is None else told
        return typed(told, infused)

    def wants(self, question: Question) -> bool:
        """Whether the question gets an answer at all; what is not required may stay empty."""
        return question.element not in self.empty

    def entered(self, made: AskSheet, infused: date) -> Entered:
        """Answers to what is visible now, each offer kept with one key, and the records of every group told of."""
        answers = {}
        for question in made.visible:
            if question.kind == "field" or not self.wants(question):
                continue
            kept = bool(question.offer_value) and question.element not in self.values
            answers[question.key] = Entry(
                question.offer_value if kept else self.value(question, infused), confirmed=kept
            )
        return Entered(answers, tuple(self._records(infused)))

    def _records(self, infused: date) -> list[EnteredRecord]:
        return [
            EnteredRecord(f"new-{n}", group, {e: Entry(typed(v, infused)) for e, v in told.items()})
            for group, many in self.records.items()
            for n, told in enumerate(many, 1)
        ]


def typed(value: Value, infused: date) -> str:
    """The text that is typed."""
    return (infused + timedelta(days=value)).isoformat() if isinstance(value, int) else value


NOTHING_NEW: Mapping[str, Value] = {
    "subsequent-therapy": "no",
    "icans-occurred": "no",
    "iec-hs": "no",
    "cytopenia-prolonged": "no",
    "hypogammaglobulinemia": "no",
    "hypogammaglobulinemia~igg-under-400-or-ivig": "no",
    "ig-replacement": "no",
    "ig-replacement~by-vein": "no",
    "rcl-test-result": "negative",
    "new-neurologic-disorder": "no",
    "new-autoimmune-disorder": "no",
    "new-hematologic-disorder": "no",
    "sae-occurred~related-car-pass-sponsor": "no",
    "car-persistence-detected": "detected",
    "car-persistence-method": "pcr",
}
DAY100 = Told(
    {
        **NOTHING_NEW,
        "vital-status": "alive",
        "contact-method": "center",
        "current-disease-status": "cr",
        "disease-assessment-date": 95,
        "crs-occurred": "yes",
        "crs-scale-used": "astct",
        "crs-grade-astct": "2",
        "crs-grade-lee": "2",
        "crs-grade-ctcae": "2",
        "crs-onset-date": 3,
        "crs-resolved-date": 9,
        "crs-therapy": "tocilizumab",
        "neurotox-grade-ctcae": "0",
        "best-response": "cr",
        "best-response-date": 88,
        "anc-recovered": "yes",
        "anc-recovery-date": 19,
        "platelet-recovery-20-date": 24,
        "icaht-late-grade": "0",
        "bcell-aplasia": "yes",
        "igg": "430",
        "anc": "2.1",
        "platelets": "148",
        "hemoglobin": "11.2",
        "cd19-count": "0",
        "cd19-percent": "0",
        "car-transgene-copies": "5200",
        "eq5d5l-index": "0.82",
        "eq5d-vas": "75",
        "ecog": "1",
        "draft:car_registry_na:coll_site": "10417",
    },
    {
        "infection": (
            {
                "infection-date": 40,
                "infection-organism": "bacterial",
                "infection-clinically-significant": "yes",
                "infection-max-grade": "3",
            },
        ),
        "hospital-stay": ({"admission-date": 40, "discharge-date": 50},),
    },
    frozenset({"missed-visit-reason"}),
)
MONTH6 = Told(
    {
        **NOTHING_NEW,
        "disease-assessment-date": 180,
        "crs-occurred": "no",
        "igg": "510",
        "anc": "2.6",
        "platelets": "171",
        "hemoglobin": "12.4",
        "cd19-count": "2",
        "cd19-percent": "0.4",
        "car-transgene-copies": "1100",
        "eq5d5l-index": "0.86",
        "eq5d-vas": "80",
    },
    {
        "infection": (
            {
                "infection-date": 150,
                "infection-organism": "viral",
                "infection-clinically-significant": "yes",
                "infection-max-grade": "2",
            },
        ),
    },
    frozenset({"missed-visit-reason"}),
)
