"""Every kind of merging conflict in plain words: what it means, what a curator may choose, what that does. Pure.

Read by merging (what a ruling changes), settling (which rulings are allowed) and the conflicts page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms_catalog.specs import Conflict, Ruling


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to settle a conflict. `effect` is what it does to those who are asked and to the programs that ask."""

    code: str
    words: str
    effect: str


@dataclass(frozen=True, slots=True)
class Kind:
    """`choices` is empty where only another decision or a corrected file helps; `blocks` keeps a request from being
    accepted while the conflict is open."""

    title: str
    meaning: str
    choices: tuple[Choice, ...] = ()
    blocks: bool = False
    remedy: str = ""


ALWAYS = Choice(
    "always", "Show it always", "The question is on the form wherever its form is due; its condition is not used."
)
BLANK = Choice(
    "blank",
    "Deliver it blank, with a note",
    "The form offers every answer of the catalog. Who gives one that a program has no code for is told so before "
    "submitting; that program gets a blank and a note on the receipt, the others get the answer.",
)

KINDS: Mapping[str, Kind] = {
    "undecided": Kind(
        "Not decided",
        "Nobody has said which element answers this question. It is held: neither asked nor delivered.",
        remedy="Decide it on the mapping review.",
    ),
    "unknown_element": Kind(
        "Element not in the catalog",
        "The decision reads an element that the catalog does not have.",
        blocks=True,
        remedy="Choose another element on the mapping review.",
    ),
    "unit_differs": Kind(
        "Wrong unit",
        "The decision delivers numbers in another unit than the program asks for, or the conversion is refused.",
        blocks=True,
        remedy="Correct the unit step of the decision, or name the conversion in the catalog with its source.",
    ),
    "condition_unread": Kind(
        "Condition of a decision reads nothing",
        "The decision delivers only under a condition on an element that it does not read, so it never delivers.",
        blocks=True,
        remedy="Add the element to the sources of the decision, or take the condition away.",
    ),
    "records_without_rollup": Kind(
        "Which record is not said",
        "The program has room for one value, the element has several dated records.",
        blocks=True,
        remedy="Say in the decision which record it takes.",
    ),
    "asked_twice": Kind(
        "Asked twice by one program",
        "Two questions of one program at the same visit take the same answer.",
        (
            Choice("same", "They mean the same", "One question on the form; the answer goes to both fields."),
            Choice("second_held", "Hold back the later ones", "The first field is answered; the later ones are held."),
        ),
    ),
    "selection_differs": Kind(
        "Different records are taken",
        "Programs take different records of the same kind: the first of the period, the first ever, filtered ones.",
        (
            Choice(
                "each",
                "Each takes its own",
                "Sites enter every record once; each program gets the one it asks for, so the dates may differ.",
            ),
        ),
    ),
    "range_differs": Kind(
        "Limits differ",
        "Programs allow different smallest or largest numbers, or wider ones than the catalog.",
        (
            Choice(
                "catalog",
                "Keep the catalog's limits on the form",
                "The form takes what the catalog allows. A number beyond a program's own limit holds back that "
                "program's slice only.",
            ),
            Choice(
                "widest",
                "Widen the form to the widest limits",
                "The form takes any number that one of the programs takes. Each program's own limit still holds back "
                "that program's slice only.",
            ),
        ),
    ),
    "required_differs": Kind(
        "Required by some only",
        "One program cannot do without the answer, another can.",
        (
            Choice(
                "required",
                "Required where one requires it",
                "At a visit where a program requires it, the form is not submitted without an answer or a reason why "
                "there is none.",
            ),
            Choice(
                "optional",
                "Never required on the form",
                "The form is submitted without it; the slice of a program that requires it shows the gap.",
            ),
        ),
    ),
    "options_differ": Kind(
        "Lists of answers differ",
        "Programs that share this question do not have a code for the same answers.",
        (BLANK,),
    ),
    "no_target": Kind("No code for an answer", "The program has no code for an answer the catalog allows.", (BLANK,)),
    "identifier": Kind(
        "Names the person",
        "The program asks for something that names the person: a date of birth, a number of an insurer.",
        (
            Choice(
                "consented",
                "Deliver where the consent names it",
                "Sites are asked; the value goes only to programs whose consent names identifying data, else it is "
                "withheld with a note.",
            ),
            Choice("withhold", "Never deliver it", "The question is held: neither asked for this program nor given."),
        ),
    ),
    "branching_unreadable": Kind(
        "Condition cannot be read",
        "The condition that shows this question is written in a way nobody can read.",
        (ALWAYS,),
        remedy="Better: the program corrects its file.",
    ),
    "branching_unknown": Kind(
        "Condition reads a missing field",
        "The condition reads a field that the dictionary does not have.",
        (ALWAYS,),
        remedy="Better: the program corrects its file.",
    ),
    "branching_unanswered": Kind(
        "Condition reads what nobody answers",
        "The condition reads a field that is not decided, or that only the program's own system works out.",
        (ALWAYS,),
    ),
    "branching_elsewhere": Kind(
        "Condition reads another form",
        "At some visits the condition reads a field that is not on any form of that visit.",
        (
            Choice(
                "known",
                "Go by what is known",
                "The question shows where an earlier answer that still holds fits the condition, and stays hidden "
                "where none does.",
            ),
            ALWAYS,
        ),
    ),
    "branching_cycle": Kind(
        "Conditions in a circle",
        "Each of these questions waits for another of them, so none would ever be shown.",
        (Choice("always", "Show all of them", "All questions of the circle are on the form; no condition is used."),),
        blocks=True,
        remedy="Better: the program corrects its file.",
    ),
    "branching_loop": Kind(
        "Conditions in a circle across programs",
        "Each program's own conditions end, but over shared questions they form a circle.",
        (
            Choice(
                "any",
                "Shown if any program needs it",
                "A question shows as soon as the conditions of one program show it; each slice applies its own again.",
            ),
        ),
    ),
    "form_missing": Kind(
        "Form without questions",
        "The schedule names a form that asks nothing.",
        (Choice("leave", "Leave it", "Nothing is asked for that form."),),
    ),
    "form_never_due": Kind(
        "Form never due",
        "The form is at no entry of the schedule, so its questions are never asked.",
        (Choice("leave", "Leave it", "Its questions are not asked."),),
    ),
    "parent_not_asked": Kind(
        "Detail without its question",
        "A detail is asked, the question it belongs to is not.",
        (Choice("leave", "Show it without", "The detail is always shown."),),
    ),
}


def key(kind: str, place: str) -> str:
    """The name of a conflict in addresses: the same as long as it is about the same place."""
    return hashlib.sha256(f"{kind}|{place}".encode()).hexdigest()[:16]


def content(conflict: Conflict) -> str:
    """What a ruling is about: every side's question and what it states. SHA-256; spaces and case do not count."""
    sides = sorted(
        [s.program, s.path, *(" ".join(t.casefold().split()) for t in (s.label, s.says))] for s in conflict.sides
    )
    text = json.dumps([conflict.kind, conflict.place, sides], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def standing(conflict: Conflict, rulings: Iterable[Ruling]) -> Ruling | None:
    """The last ruling on exactly this content; None where there is none, or the last one took it back."""
    return Standing(rulings).of(conflict)


class Standing:
    """Rulings by what they are about, the last one of each: for many conflicts at once."""

    def __init__(self, rulings: Iterable[Ruling]) -> None:
        """`rulings` are the oldest first."""
        self._last = {(r.kind, r.place, r.content): r for r in rulings}

    def of(self, conflict: Conflict) -> Ruling | None:
        """The ruling that settles the conflict; None where none does."""
        last = self._last.get((conflict.kind, conflict.place, content(conflict)))
        return last if last is not None and choice_of(last.kind, last.choice) else None


def choice_of(kind: str, code: str) -> Choice | None:
    """The choice of a kind by its code; None where the kind does not have it."""
    return next((c for c in KINDS[kind].choices if c.code == code), None) if kind in KINDS else None


def still_open(conflicts: Iterable[Conflict], rulings: Iterable[Ruling]) -> tuple[Conflict, ...]:
    """The conflicts that no ruling settles."""
    known = Standing(rulings)
    return tuple(c for c in conflicts if known.of(c) is None)


def blocking(conflicts: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """Those that keep a request from being accepted."""
    return tuple(c for c in conflicts if c.kind in KINDS and KINDS[c.kind].blocks)
