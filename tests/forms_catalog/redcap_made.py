"""Small REDCap dictionaries made by hand, for tests of versions."""

from __future__ import annotations

from dataclasses import dataclass, replace

HEAD = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,'
    "Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...),Required Field?"
)


@dataclass(frozen=True)
class Row:
    """One field of the file."""

    name: str
    label: str
    kind: str = "text"
    choices: str = ""
    form: str = "enrol"
    validation: str = ""
    maximum: str = ""
    branching: str = ""
    note: str = ""

    def but(self, **changes: str) -> Row:
        """The same field with something changed."""
        return replace(self, **changes)

    @property
    def line(self) -> str:
        """The row as CSV."""
        cells = [self.name, self.form, "", self.kind, self.label, self.choices, self.note, self.validation, ""]
        return ",".join(f'"{c}"' for c in (*cells, self.maximum, "", self.branching, ""))


def csv_of(*rows: Row) -> bytes:
    """The file of these fields."""
    return "\n".join((HEAD, *(r.line for r in rows), "")).encode()
