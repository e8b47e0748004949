"""Step 2b, measured: how long a decision took, from the page shown to the press. Written after each decision.

Called by the review page, which signs the moment it shows a field and gets it back with the decision. The team of
curators sees the medians; nobody else does.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.core import signing

from forms_catalog.models import DecisionEffort
from sites.models import Program, User
from sites.trail import Actor

SALT = "forms_catalog.review.shown"
LONGEST = 600.0  # seconds; who needs longer was elsewhere meanwhile
MANY = "*"  # stands for the path where several fields are shown together
MOST_KEYS = 10_000
LOOKED_AT = 2_000  # the newest rows of a program; medians and undo need no more
DECIDING = ("confirm", "new")
WORDS = {
    "confirm": "Accepted",
    "new": "Made a new element",
    "not_same": "Not the same",
    "reject": "Rejected",
    "undo": "Undone",
    "reconsider": "Taken back",
    "skip": "Skipped",
}


@dataclass(frozen=True, slots=True)
class Done:
    """One field that a press decided: the version its mapping got, or the element that was refused."""

    path: str
    version: int = 0
    element: str = ""


@dataclass(frozen=True, slots=True)
class Effort:
    """One written row, as the page reads it."""

    path: str
    element: str
    act: str
    version: int
    press: uuid.UUID
    size: int
    seconds: float | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Typical:
    """The median seconds a field under one name (a curator or an act), and of how many it is."""

    name: str
    seconds: float
    fields: int


def shown(program: Program, path: str, user: User, at: datetime) -> str:
    """The signed moment a field (or MANY) was shown to a person; a form sends it back with the decision."""
    return signing.dumps([program.code, path, user.pk, at.timestamp()], salt=SALT)


def still_shown(token: str, program: Program, path: str, user: User, at: datetime) -> str:
    """The token where it is of this field and person, so that looking at another candidate does not start anew."""
    known = _moment(token, program, path, user.pk) is not None
    return token if known else shown(program, path, user, at)


def record(
    program: Program, act: str, done: Sequence[Done], *, actor: Actor, token: str = "", keys: str = ""
) -> list[DecisionEffort]:
    """Write what one press took, a row a field. A missing or foreign token leaves the time unmeasured."""
    now = actor.now
    began = _moment(token, program, done[0].path if len(done) == 1 else MANY, actor.user_id) if done else None
    if began is None and len(done) == 1:
        began = _moment(token, program, MANY, actor.user_id)  # a batch with one field ticked
    seconds = None if began is None else min(max(now.timestamp() - began, 0.0), LONGEST) / len(done)
    pressed = min(int(keys), MOST_KEYS) if keys.isascii() and keys.isdigit() and len(keys) < 9 else None
    press = uuid.uuid4()
    rows = [
        DecisionEffort(
            program=program,
            path=one.path,
            element=one.element,
            act=act,
            version=one.version,
            press=press,
            size=len(done),
            seconds=seconds,
            keys=pressed,
            actor=actor.name,
            at=now,
        )
        for one in done
    ]
    return DecisionEffort.objects.bulk_create(rows)


def of(program: Program) -> list[Effort]:
    """The newest rows of a program, newest first. One query."""
    names = Effort.__dataclass_fields__
    rows = DecisionEffort.objects.filter(program=program).order_by("-id").values_list(*names)
    return [Effort(*row) for row in rows[:LOOKED_AT]]


def by_curator(efforts: Sequence[Effort]) -> list[Typical]:
    """Median seconds a field by person, of what they decided (not of what they skipped or undid)."""
    return _medians([e for e in efforts if e.act in DECIDING], lambda e: e.actor)


def by_act(efforts: Sequence[Effort]) -> list[Typical]:
    """Median seconds a field by act; a batch counts apart."""
    return _medians(efforts, lambda e: f"{WORDS.get(e.act, e.act)}{' together' if e.size > 1 else ''}")


def typical(efforts: Sequence[Effort], actor: str) -> float | None:
    """The median seconds of one decision: the person's own where there are five, else everybody's; None unmeasured."""
    timed = [e for e in efforts if e.act in DECIDING and e.seconds is not None and e.size == 1]
    own = [e for e in timed if e.actor == actor]
    seconds = [e.seconds for e in (own if len(own) >= 5 else timed) if e.seconds is not None]
    return median(seconds) if seconds else None


def _medians(efforts: Sequence[Effort], name: Callable[[Effort], str]) -> list[Typical]:
    found: dict[str, list[float]] = defaultdict(list)
    for effort in efforts:
        if effort.seconds is not None:
            found[name(effort)].append(effort.seconds)
    return [Typical(key, median(found[key]), len(found[key])) for key in sorted(found)]


def _moment(token: str, program: Program, path: str, user: int | None) -> float | None:
    """The time in a token of this program, field and person, in seconds since 1970; None where it is not theirs."""
    try:
        code, where, whose, at = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return float(at) if (code, where, whose) == (program.code, path, user) else None
