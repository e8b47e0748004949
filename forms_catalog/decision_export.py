"""The standing decisions of a program as files. Called by export_decisions and by the page of a program's decisions."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass

from forms_catalog import decision_files, intake, mapping, seeding
from forms_catalog.decisions import NotSame
from forms_catalog.models import DictionaryVersion, Mapping, Proposal
from sites.models import Program

ENDS = {"own": "", "values": "_values", "usagi": "_usagi"}  # how the names of the files end


@dataclass(frozen=True, slots=True)
class Exported:
    """The texts by kind: own and values, or usagi. `left_out` counts refused pairs that have no place in the format."""

    texts: Table[str, str]
    decisions: int
    left_out: int = 0


def standing(version: DictionaryVersion, kind: str) -> Exported:
    """What stands on a version's fields, as own or usagi."""
    rows, pairs = _decided(version), _refused(version.program)
    fields = intake.fields_of(version)
    if kind == "own":
        tables = decision_files.own([mapping.spec_of(m) for m in rows], pairs, fields, seeding.elements())
        return Exported(dict(zip(("own", "values"), tables, strict=True)), len(rows))
    told = [(mapping.spec_of(m), m.decided_by, m.decided_at.date().isoformat()) for m in rows]
    return Exported({"usagi": decision_files.usagi(told, fields, seeding.elements())}, len(rows), len(pairs))


def _decided(version: DictionaryVersion) -> list[Mapping]:
    """The standing decisions on the version's fields, in its order."""
    keys = {key: n for n, key in enumerate(version.fields.order_by("order").values_list("path", "meaning_hash"))}
    rows = Mapping.objects.filter(program=version.program, state=Mapping.State.CONFIRMED)
    found = [m for m in rows.select_related("program").prefetch_related("sources__element")
             if (m.path, m.meaning_hash) in keys]  # fmt: skip
    return sorted(found, key=lambda m: keys[m.path, m.meaning_hash])


def _refused(program: Program) -> list[NotSame]:
    rows = Proposal.objects.filter(program=program, state=Proposal.State.NOT_SAME).order_by("path", "element__key")
    found = rows.values_list("path", "element__key", "reason")
    return list({(p, e): NotSame(program.code, p, e, reason) for p, e, reason in found}.values())
