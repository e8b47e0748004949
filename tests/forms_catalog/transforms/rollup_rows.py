"""One row for every roll-up of rollups.json: what it gives forward, what suffices back, what it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from forms_catalog.transforms import Answer
from tests.forms_catalog.transforms.made import dated, earlier, said

Answers = tuple[Answer, ...]
NOT_DONE = "not-done: this program has no code for it"
UNKNOWN = "unknown: this program has no code for it"
NO_LIMIT = "the laboratory's own limit of normal is not known for this draw"


@dataclass(frozen=True)
class Row:
    """A roll-up: its arguments, (answers → value or note) forward, (value → codes) back, and answers it refuses."""

    args: dict[str, Any]
    forward: list[tuple[Answers, str]]
    back: dict[str, set[str]] = field(default_factory=dict)
    refused: list[Answers] = field(default_factory=list)


def yes(value: str, name: str = "relapse") -> Answer:
    return said(name, value)


def gone(name: str = "relapse") -> Answer:
    return said(name, missing="not-done")


def lab(name: str, value: str = "", drawn: str = "v1") -> Answer:
    return replace(said(name, value), drawn=drawn)


BORN, INFUSED = said("date-of-birth", "1990-05-17"), said("infusion-date", "2026-05-16")
BORN_IN = said("date-of-birth", "1990-05")
SICK = dated("new-malignancy-type", ("2026-02-01", "t-cell"), ("2026-03-01", "solid"))
BEFORE = dated("new-malignancy-type", ("2025-02-01", "t-cell"))
UNTIL = said("outcome-measurement-date", "2026-06-01")
STAYS = replace(dated("hospital-admissions", ("2026-02-01", "yes"), ("2024-02-01", "yes")), value="2")
ROWS: dict[str, Row] = {
    "ever": Row(
        {},
        [
            ((yes("yes"),), "yes"),
            ((yes("no"),), "no"),
            ((earlier("relapse", "no", ("2025-01-01", "yes")),), "yes"),
            ((earlier("relapse", "no", ("2025-01-01", "unknown")),), UNKNOWN),
            ((yes("unknown"),), UNKNOWN),
            ((said("relapse"),), "not answered"),
        ],
        {"yes": {"yes"}, "no": set()},
    ),
    "any_of": Row(
        {},
        [
            ((yes("no"), yes("yes", "b")), "yes"),
            ((yes("no"), yes("no", "b")), "no"),
            ((yes("no"), said("b")), "a no needs the answers to all its questions"),
            ((yes("no"), yes("unknown", "b")), UNKNOWN),
        ],
        {"yes": {"yes"}, "no": set()},
    ),
    "any_where": Row(
        {"where": {"new-malignancy-type": ["t-cell"]}, "summary": "new-malignancy"},
        [
            ((SICK, yes("yes", "new-malignancy")), "yes"),
            ((BEFORE, yes("no", "new-malignancy")), "no"),
            ((dated("new-malignancy-type"), gone("new-malignancy")), NOT_DONE),
        ],
        {"yes": set(), "no": set()},
    ),
    "count_before": Row(
        {"months": 12, "until": "outcome-measurement-date"},
        [
            ((STAYS, UNTIL), "1"),
            ((STAYS, said("outcome-measurement-date", missing="not-done")), NOT_DONE),
            ((STAYS, said("outcome-measurement-date", "2026-06")), "need a full date"),
        ],
        {"1": set()},
    ),
    "worst": Row(
        {"order": ["1", "2", "3"]},
        [
            ((said("a", "2"),), "2"),
            ((earlier("a", "1", ("2026-02-01", "3")),), "1"),
            ((said("a", missing="not-done"),), NOT_DONE),
            ((said("a", "unknown"),), UNKNOWN),
        ],
        {"2": {"2"}, "3": {"3"}},
        [(said("a", "9"),)],
    ),
    "includes": Row(
        {"code": "x"},
        [
            ((said("a", "x|y"),), "yes"),
            ((said("a", "y"),), "no"),
            ((said("a", "unknown"),), UNKNOWN),
            ((said("a", missing="not-done"),), NOT_DONE),
        ],
        {"yes": {"x"}, "no": set()},
    ),
    "union": Row(
        {"scope": "interval"},
        [((SICK,), "t-cell|solid"), ((BEFORE,), "no record in this period"), ((gone("a"),), NOT_DONE)],
        {"solid": {"solid"}},
    ),
    "first_of": Row(
        {"scope": "interval"},
        [((SICK,), "t-cell"), ((BEFORE,), "no record in this period"), ((gone("a"),), NOT_DONE)],
        {"t-cell": {"t-cell"}},
    ),
    "last_of": Row(
        {"scope": "ever"},
        [((SICK,), "solid"), ((BEFORE,), "t-cell"), ((gone("a"),), NOT_DONE)],
        {"t-cell": {"t-cell"}},
    ),
    "label_of": Row(
        {},
        [
            ((said("cause-of-death-primary", "organ-failure"),), "Organ failure"),
            ((gone("cause-of-death-primary"),), NOT_DONE),
        ],
        {"Organ failure": set()},
    ),
    "year_of": Row(
        {},
        [((BORN,), "1990"), ((BORN_IN,), "1990"), ((said("a", "1990"),), "1990"), ((gone("a"),), NOT_DONE)],
        {"1990": set()},
        [(said("a", "about 1990"),)],
    ),
    "month_year_of": Row(
        {},
        [
            ((BORN,), "1990-05"),
            ((BORN_IN,), "1990-05"),
            ((said("a", "1990"),), "date known to the year only"),
            ((said("a", "1990-05-17", precision="year"),), "date known to the year only"),
            ((gone("a"),), NOT_DONE),
        ],
        {"1990-05": set()},
        [(said("a", "May"),)],
    ),
    "first_code": Row(
        {"order": ["x", "y"]},
        [((said("a", "y|x"),), "x"), ((said("a", "y"),), "y"), ((gone("a"),), NOT_DONE)],
        {"x": {"x"}, "y": set()},
    ),
    "known_if": Row(
        {},
        [
            ((BORN,), "yes"),
            ((said("a", "unknown"),), UNKNOWN),
            ((said("a"),), "not answered"),
            ((gone("a"),), NOT_DONE),
        ],
        {"yes": set()},
    ),
    "first_known": Row(
        {},
        [
            ((said("a"), said("b", "2")), "2"),
            ((said("a", "1"), said("b", "2")), "1"),
            ((gone("a"), said("b", "2")), "2"),
            ((gone("a"), said("b")), NOT_DONE),
        ],
        {"2": {"2"}},
    ),
    "if_else": Row(
        {
            "rules": [
                {"source": "a", "is": ["x"], "then": "1"},
                {"source": "a", "is": ["x", "y"], "then": "2"},
                {"source": "b", "is": ["z"], "then": "3"},
                {"source": "a", "is": ["w"], "then": "4"},
            ]
        },
        [
            ((said("a", "x"), said("b", "z")), "1"),
            ((said("a", "y"), said("b", "z")), "2"),
            ((said("a", "w"), said("b", "z")), "3"),
            ((said("a", "q"), said("b", "q")), "no rule fits these answers"),
            ((gone("a"), said("b")), NOT_DONE),
        ],
        {"1": {"x"}, "2": {"y"}, "3": set(), "4": set()},
    ),
    "of_scale": Row(
        {"selector": "s", "pick": {"lee": "g"}},
        [
            ((said("g", "3"), said("s", "lee")), "3"),
            ((said("g", "3"), said("s", "penn")), "grades of different scales are never converted"),
            ((said("g", "3"), gone("s")), NOT_DONE),
        ],
        {"3": set()},
    ),
    "qualified": Row(
        {"carry": ["no", "unknown"]},
        [
            ((said("a", "no"), Answer("a", "extra", "")), "no"),
            ((said("a", "yes"), Answer("a", "extra", "no")), "no"),
            ((said("a", "yes"), Answer("a", "extra", "")), "the extra question is not answered"),
            ((gone("a"), Answer("a", "extra", "")), NOT_DONE),
        ],
        {"no": {"no"}, "yes": set()},
    ),
    "sent_of": Row(
        {},
        [
            ((said("a", "pending"),), "yes"),
            ((said("a", "not-done"),), "no"),
            ((said("a", "unknown"),), UNKNOWN),
            ((gone("a"),), NOT_DONE),
        ],
        {"yes": {"positive", "negative", "pending"}, "no": {"not-done"}},
    ),
    "is_one_of": Row(
        {"codes": ["x", "y"]},
        [
            ((said("a", "y"),), "yes"),
            ((said("a", "z"),), "no"),
            ((said("a", "z|x"),), "yes"),
            ((said("a", "z|unknown"),), UNKNOWN),
            ((said("a", "unknown"),), UNKNOWN),
            ((gone("a"),), NOT_DONE),
        ],
        {"yes": {"x", "y"}, "no": {"z"}},
    ),
    "positive_if": Row(
        {},
        [((said("a", "1:20"),), "yes"), ((said("a", "<1:5"),), "no"), ((gone("a"),), NOT_DONE)],
        {"yes": set()},
        [(said("a", "see letter"),)],
    ),
    "time_between": Row(
        {"unit": "years"},
        [
            ((BORN, INFUSED), "35"),
            ((BORN, said("infusion-date", "2026-05-17")), "36"),
            ((BORN_IN, INFUSED), "the dates are not known exactly enough"),
            ((BORN_IN, said("infusion-date", "2026-06-01")), "36"),
            ((BORN_IN, said("infusion-date", "2026-07")), "36"),
            ((BORN,), "36"),
            ((INFUSED, BORN), "the second date lies before the first"),
            ((BORN, gone("infusion-date")), NOT_DONE),
            ((BORN, said("infusion-date")), "not answered"),
        ],
        {"36": set()},
        [(BORN, said("infusion-date", "May"))],
    ),
    "per_limit": Row(
        {},
        [
            ((lab("alt", "60"), lab("alt-uln", "40")), "1.5"),
            ((lab("alt", "60"), lab("alt-uln")), NO_LIMIT),
            ((lab("alt", "60"),), NO_LIMIT),
            ((lab("alt", "60"), lab("alt-uln", "40", "v2")), "the limit of normal is not from the same draw"),
            ((gone("alt"), lab("alt-uln", "40")), NOT_DONE),
        ],
        {"1.5": set()},
        [(lab("alt", "60"), lab("alt-uln", "0")), (lab("alt", "high"), lab("alt-uln", "40"))],
    ),
    "times_limit": Row(
        {},
        [
            ((lab("alt-xuln", "1.5"), lab("alt-uln", "40")), "60"),
            (
                (lab("alt-xuln", "1.5"), lab("alt-uln")),
                "the laboratory's own limit of normal is not known for this draw",
            ),
            ((lab("alt-xuln", "1.5"), lab("alt-uln", "40", "v2")), "the limit of normal is not from the same draw"),
        ],
        {"60": set()},
        [(lab("alt-xuln", "1.5"), lab("alt-uln", "-1"))],
    ),
}
