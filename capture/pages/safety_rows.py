"""What the safety page shows: the fields of a kind, and each record with what it opened. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from capture.ask.facts import Entry
from capture.enter.occasions import AWARENESS, DEATH_DATE, KINDS
from capture.models import Occurrence, OccurrenceMark, Patient, Response, SafetyRecord, Timepoint
from capture.models.safety import marked
from forms_catalog import publishing
from forms_catalog.specs import ElementSpec, Option, ReleaseSpec

RADIO_LIMIT = 7


@dataclass(frozen=True, slots=True)
class Box:
    """The input of one field, as visit/widget.html draws it."""

    name: str
    html_id: str
    widget: str
    options: tuple[Option, ...]
    value: str

    @property
    def chosen(self) -> list[str]:
        return self.value.split("|")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: its element, whether it has to be given, its input, and what is wrong with it."""

    element: ElementSpec
    required: bool
    box: Box
    error: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record: what it is, in words; when the site knew; what it opened; whether and why it was taken back."""

    id: str
    kind: str
    said: tuple[tuple[str, str], ...]
    aware_at: datetime
    entered_by: str
    opened: Sequence[Timepoint]
    in_error: bool = False
    why: str = ""
    is_death: bool = False
    elsewhere: bool = False


def fields_of(kind: str, typed: Mapping[str, Entry], errors: Mapping[str, str]) -> list[Field]:
    """The fields of one kind's form; none for no kind, or where the catalog lacks its group."""
    release, chosen = publishing.current_spec(), KINDS.get(kind)
    if chosen is None or (chosen.group and chosen.group not in release.groups):
        return []
    group = release.groups.get(chosen.group)
    by_itself = {AWARENESS, *(name for name, _ in chosen.says)}
    names = [n for n in group.fields if n not in by_itself] if group else [DEATH_DATE]
    dated = group.date if group else DEATH_DATE
    return [
        _field(release.elements[n], n == dated, typed.get(n, Entry()), errors.get(n, ""))
        for n in names
        if n in release.elements
    ]


def _field(element: ElementSpec, required: bool, entry: Entry, error: str) -> Field:
    widget = "date" if element.datatype == "date" else "text"
    if element.datatype == "choice":
        widget = "radio" if len(element.options) <= RADIO_LIMIT else "select"
    box = Box(f"v.{element.id}", f"v-{element.id}", widget, element.options, entry.value)
    return Field(element, required, box, error)


def of_patient(patient: Patient) -> list[Row]:
    """Every record of the kinds that can be reported, newest first. 5 queries."""
    release = publishing.current_spec()
    by_group = {k.group: k.label for k in KINDS.values() if k.group}
    rows = marked(Occurrence.objects.filter(patient=patient, group__in=by_group).select_related("safety"))
    found = list(rows.order_by("-created_at", "-pk"))
    contexts = [f"o{o.pk}" for o in found]
    values: dict[str, list[tuple[str, str]]] = defaultdict(list)
    answers = Response.objects.filter(patient=patient, is_current=True, context__in=contexts, qualifier="")
    for answer in answers.exclude(value="").order_by("pk"):
        values[answer.context].append(_in_words(answer.element, answer.value, release))
    reasons = {m.occurrence_id: m.reason for m in OccurrenceMark.objects.filter(occurrence__in=found).order_by("pk")}
    opened = _opened(patient)
    made = [_row(o, by_group[o.group], values[f"o{o.pk}"], opened[f"o{o.pk}"], reasons.get(o.pk, "")) for o in found]
    return sorted([*made, *_deaths(patient, opened)], key=lambda row: row.aware_at, reverse=True)


def opened_by(made: SafetyRecord) -> list[Timepoint]:
    """The occasions that a record opened and that are still open."""
    name = f"o{made.occurrence_id}" if made.occurrence_id else str(made.event.uuid if made.event else "")
    points = Timepoint.objects.filter(enrollment__treatment__patient=made.patient_id, opened_by=name)
    return list(points.filter(state=Timepoint.State.PLANNED).select_related("enrollment__program").order_by("due_on"))


def _row(occurrence: Occurrence, kind: str, said: list[tuple[str, str]], opened: list[Timepoint], why: str) -> Row:
    safety = getattr(occurrence, "safety", None)
    in_error = bool(occurrence.in_error)  # type: ignore[attr-defined]  # annotated by marked()
    return Row(
        id=str(occurrence.uuid),
        kind=f"{kind} {occurrence.ordinal}",
        said=tuple(said),
        aware_at=safety.aware_at if safety else occurrence.created_at,
        entered_by=safety.entered_by if safety else occurrence.created_by,
        opened=opened,
        in_error=in_error,
        why=why if in_error else "",
        elsewhere=occurrence.elsewhere,
    )


def _opened(patient: Patient) -> Mapping[str, list[Timepoint]]:
    found: dict[str, list[Timepoint]] = defaultdict(list)
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient).exclude(opened_by="")
    for point in points.select_related("enrollment__program", "visit").order_by("due_on", "pk"):
        found[point.opened_by].append(point)
    return found


def _deaths(patient: Patient, opened: Mapping[str, list[Timepoint]]) -> list[Row]:
    records = SafetyRecord.objects.filter(patient=patient, event__isnull=False).select_related("event__undone_by")
    made = []
    for record in records:
        assert record.event is not None  # filtered
        undone = getattr(record.event, "undone_by", None)
        made.append(
            Row(
                id=str(record.event.uuid),
                kind=KINDS[record.kind].label,
                said=(("Date of death", record.event.effective_on.isoformat()),),
                aware_at=record.aware_at,
                entered_by=record.entered_by,
                opened=opened.get(str(record.event.uuid), []),
                in_error=undone is not None,
                why=undone.reason if undone else "",
                is_death=True,
            )
        )
    return made


def _in_words(element: str, value: str, release: ReleaseSpec) -> tuple[str, str]:
    spec = release.elements.get(element)
    if spec is None:
        return element, value
    labels = {o.code: o.label for o in spec.options}
    return spec.label, ", ".join(labels.get(code, code) for code in value.split("|"))
