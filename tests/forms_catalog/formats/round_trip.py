"""A dictionary written and read again is the same, but for what the writer said it could not say."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forms_catalog import formats
from forms_catalog.comparing import compare
from forms_catalog.language import NewNames, renamed_text
from forms_catalog.specs import DictionarySpec, FieldSpec, Written

READ_AS = {"odm2": "odm"}  # a format with two writers


@dataclass(frozen=True)
class Trip:
    """What was written, what that reads as, and the differences that no loss announced."""

    written: Written
    again: DictionarySpec
    left: list[str]


def left(spec: DictionarySpec, format_name: str) -> list[str]:
    """Differences after write and read that no loss announced, each as 'path what before -> after'."""
    return there_and_back(spec, format_name).left


def there_and_back(spec: DictionarySpec, format_name: str) -> Trip:
    """The dictionary written and read again."""
    written = formats.write(spec, format_name)
    again = formats.read(written.data, spec.title)
    assert again.format == READ_AS.get(format_name, format_name)
    known = {(loss.path, loss.what) for loss in written.losses}
    back = {name: path for path, name in written.renamed.items()}
    old = {field.path: field.name for field in spec.fields}
    names = NewNames({name: old[path] for name, path in back.items()}, {})
    fields = tuple(_under_old_name(field, back, names) for field in again.fields)
    found = compare(spec.fields, fields)
    lost = [f"{f.path} is gone" for f in found.removed if (f.path, "path") not in known]
    new = [f"{f.path} is new" for f in found.added if (f.path, "path") not in known]
    return Trip(written, again, [*lost, *new, *_changes(found.changed, known)])


def _under_old_name(field: FieldSpec, back: dict[str, str], names: NewNames) -> FieldSpec:
    """The field by its path in the source, its logic by the names there."""
    path = back.get(field.path, field.path)
    return replace(
        field,
        path=path,
        name=names.fields.get(field.name, field.name),
        branching=renamed_text(field.branching, names),
        calculation=renamed_text(field.calculation, names),
    )


def _changes(changed: object, known: set[tuple[str, str]]) -> list[str]:
    assert isinstance(changed, tuple)
    return [
        f"{pair.before.path} {change.what}: {change.before!r} -> {change.after!r}"
        for pair in changed
        for change in pair.changes
        if (pair.before.path, change.what) not in known
    ]
