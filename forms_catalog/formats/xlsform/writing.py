"""DictionarySpec to an XLSForm workbook that pyxform converts. Pure; the same dictionary gives the same bytes.

What the columns cannot say stands in our own column `askonce` (marks.py); what is lost is found by reading it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from forms_catalog.comparing import Change, differences
from forms_catalog.formats.csv_rows import Row
from forms_catalog.formats.html_text import plain
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.xlsform import marks
from forms_catalog.formats.xlsform.cells import Names, cells
from forms_catalog.formats.xlsform.names import legal, named, unique
from forms_catalog.formats.xlsform.reading import FORMAT, form_of
from forms_catalog.formats.xlsform.sheets import MARK, language_name
from forms_catalog.formats.xlsx_input import MAX_CELL, Sheet
from forms_catalog.formats.xlsx_output import MEDIA_TYPE, workbook
from forms_catalog.language.xpath import Question
from forms_catalog.specs import DictionarySpec, FieldSpec, Loss, Option, Written

_FIRST = ("type", "name")
_LAST = (
    "required", "required_message", "relevant", "constraint", "constraint_message", "calculation", "default",
    "readonly", "appearance", "parameters", "trigger", "guidance_hint", MARK,
)  # fmt: skip
_FORM_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_Key = tuple[tuple[Option, ...], tuple[tuple[str, tuple[Option, ...]], ...]]


@dataclass(slots=True)
class _Line:
    """One row of the survey sheet: a field with the path it came by, or a marker of a group."""

    cells: dict[str, str]
    spec: FieldSpec | None = None
    path: str = ""


@dataclass(slots=True)
class _Lists:
    """The choice lists by name; questions with the same choices share one."""

    names: dict[_Key, str] = field(default_factory=dict)

    def name_for(self, spec: FieldSpec) -> str:
        if spec.kind not in ("choice", "multichoice") or not spec.options:
            return ""
        translated = tuple((t.language, t.options) for t in spec.translations if t.options)
        return self.names.setdefault((spec.options, translated), spec.name)


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the form's instance: a question with the dictionary's `path`, or a group ('') with what is inside.

    `codes` are choice codes that XForms do not take → what the form has in their place.
    """

    name: str
    path: str = ""
    repeats: bool = False
    inside: tuple[Place, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outline:
    """What submissions need of a form: its id and version, and the tree of its instance below the root."""

    form_id: str
    version: str
    places: tuple[Place, ...]


def outline(spec: DictionarySpec) -> Outline:
    """The tree under the names that `write` gives to groups and questions."""
    found = named(spec.fields)
    form_id = _form_id(found.fields)
    rows = [_Line({}, made, source.path) for source, made in zip(spec.fields, found.fields, strict=True)]
    codes = {
        source.path: {old.code: new.code for old, new in zip(source.options, made.options, strict=True)}
        for source, made in zip(spec.fields, found.fields, strict=True)
    }
    lines = _grouped(rows, form_id, Names({}, spec.language, own=False))
    settings = _settings(spec, form_id).rows[1].cells
    return Outline(settings[1], settings[2], tuple(_places(lines, codes)))


def _places(lines: Iterator[_Line], codes: Mapping[str, Mapping[str, str]]) -> Iterator[Place]:
    """The nodes up to the end of the group that is open."""
    for line in lines:
        kind = line.cells.get("type", "")
        if kind.startswith("end"):
            return
        if line.spec:
            yield Place(line.spec.name, line.path, codes=codes[line.path])
        else:
            inside = tuple(_places(lines, codes))
            yield Place(line.cells["name"], repeats=kind == "begin_repeat", inside=inside)


def write(spec: DictionarySpec) -> Written:
    """The workbook with sheets survey, choices and settings. Fields keep their order."""
    found = named(spec.fields)
    questions = {f.name: Question(f.kind, tuple(o.code for o in f.options)) for f in found.fields}
    names, lists = Names(questions, spec.language, spec.format == FORMAT), _Lists()
    rows = [
        _Line(cells(made, lists.name_for(made), names), made, source.path)
        for source, made in zip(spec.fields, found.fields, strict=True)
    ]
    form_id = _form_id(found.fields)
    lines = list(_grouped(rows, form_id, names))
    others = (_choices(lists, names), _settings(spec, form_id))
    _mark(lines, others)
    losses = {(loss.path, loss.what): loss for loss in _lost(lines, others)}
    by_name = {line.spec.path: line.path for line in rows if line.spec}
    said = [Loss(by_name[path], what, why) for path, what, why in names.not_said]
    for loss in (*found.losses, *said, *_filters(spec), *_whole(spec)):
        losses.setdefault((loss.path, loss.what), loss)
    data = workbook([(s.name, [row.cells for row in s.rows]) for s in (_survey(lines), *others)])
    return Written(data, MEDIA_TYPE, "xlsx", tuple(losses.values()), found.renamed)


def _form_id(fields: tuple[FieldSpec, ...]) -> str:
    """The one form all fields are in, where XForms take its name; '' where each form becomes a group."""
    forms = {f.form for f in fields}
    return next(iter(forms)) if len(forms) == 1 and all(map(_FORM_ID.fullmatch, forms)) else ""


def _grouped(rows: list[_Line], form_id: str, names: Names) -> Iterator[_Line]:
    """The rows inside groups: of the form where there are several, of what repeats, of the section."""
    open_: list[tuple[str, str]] = []
    taken = {line.spec.name for line in rows if line.spec}
    for line in rows:
        assert line.spec is not None
        wanted = list(_groups(line.spec, form_id))
        same = next(
            (n for n, (a, b) in enumerate(zip(open_, wanted, strict=False)) if a != b), min(len(open_), len(wanted))
        )
        yield from _closed(open_[same:])
        for kind, text in wanted[same:]:
            (name,) = unique([legal(text[:60], "g") if text else "repeat"], taken)
            taken.add(name)
            yield _Line(_begin(kind, text, name, names))
        open_ = wanted
        yield line
    yield from _closed(open_)


def _groups(spec: FieldSpec, form_id: str) -> Iterator[tuple[str, str]]:
    if not form_id:
        yield "form", spec.form
    if spec.repeating:
        yield "repeat", ""
    if spec.section:
        yield "section", spec.section


def _begin(kind: str, text: str, name: str, names: Names) -> dict[str, str]:
    row = {"type": "begin_repeat" if kind == "repeat" else "begin_group", "name": name}
    if text:
        row[names.column("label")] = names.text(text)
    if kind == "form":
        row[MARK] = marks.written({"form": text})
    if kind == "section" and plain(row[names.column("label")]) != text:
        row[MARK] = marks.written({"section": text})
    return row


def _closed(groups: list[tuple[str, str]]) -> Iterator[_Line]:
    for kind, _ in reversed(groups):
        yield _Line({"type": "end_repeat" if kind == "repeat" else "end_group"})


def _survey(lines: list[_Line]) -> Sheet:
    used = dict.fromkeys(name for line in lines for name in line.cells)
    texts = [name for name in used if name not in _FIRST and name not in _LAST]
    return _sheet("survey", [line.cells for line in lines], [*_FIRST, *(texts or ["label"]), *_LAST])


def _choices(lists: _Lists, names: Names) -> Sheet:
    rows = []
    for (options, translated), name in lists.names.items():
        others = {language: {o.code: o.label for o in found} for language, found in translated}
        for option in options:
            row = {"list_name": name, "name": option.code, names.column("label"): names.text(option.label)}
            for language, labels in others.items():
                if language and language != names.language and option.code in labels:
                    row[names.column("label", language)] = names.text(labels[option.code])
            rows.append(row)
    columns = dict.fromkeys(["list_name", "name", names.column("label"), *(name for row in rows for name in row)])
    return _sheet("choices", rows, [*columns])


def _settings(spec: DictionarySpec, form_id: str) -> Sheet:
    row = {"form_title": spec.title, "form_id": form_id or legal(spec.title[:60], "form"), "version": spec.version}
    if spec.language:
        row["default_language"] = language_name(spec.language)
    return _sheet("settings", [row], [*row])


def _sheet(name: str, rows: list[dict[str, str]], columns: list[str]) -> Sheet:
    grid = [columns, *([row.get(column, "")[:MAX_CELL] for column in columns] for row in rows)]
    return Sheet(name, False, tuple(Row(at, row) for at, row in enumerate(grid, start=1)))


def _again(lines: list[_Line], others: tuple[Sheet, ...]) -> tuple[FieldSpec, ...]:
    """What our reader makes of the rows."""
    return form_of((_survey(lines), *others), Findings()).fields


def _mark(lines: list[_Line], others: tuple[Sheet, ...]) -> None:
    """Put into our own column what the row alone does not give back."""
    rows = [line for line in lines if line.spec]
    for line, again in zip(rows, _again(lines, others), strict=True):
        assert line.spec is not None
        found = {c.what: marks.value_of(line.spec, c.what) for c in differences(line.spec, again) if _kept(c)}
        if found:
            row = marks.checksum(dict(again.original), again.options, MARK)
            text = marks.written({"row": row, **found})
            if len(text) < MAX_CELL:
                line.cells[MARK] = text


def _kept(change: Change) -> bool:
    """Whether the mark can keep it. Other choices than the sheet has would make logic name what is not there."""
    if change.what == "options":
        before, after = change.before, change.after
        return (
            isinstance(before, tuple)
            and isinstance(after, tuple)
            and [o.code for o in before] == [o.code for o in after]
        )
    return change.what in marks.KEPT


def _lost(lines: list[_Line], others: tuple[Sheet, ...]) -> Iterator[Loss]:
    rows = [line for line in lines if line.spec]
    for line, again in zip(rows, _again(lines, others), strict=True):
        assert line.spec is not None
        for change in differences(line.spec, again):
            message = f"XLSForm cannot say it; it reads back as {str(change.after)[:80]!r}."
            yield Loss(line.path, change.what, message)


def _filters(spec: DictionarySpec) -> Iterator[Loss]:
    for one in spec.fields if spec.format == FORMAT else ():
        if "choice_filter: " in one.annotation:
            yield Loss(one.path, "annotation", "Its filter of choices is not written: columns of choices are not kept.")


def _whole(spec: DictionarySpec) -> Iterator[Loss]:
    if spec.events:
        yield Loss("", "events", "An XLSForm holds no events. Enter them where the form is used.")
