"""Small ODM files for tests: a frame round the definitions a test is about."""

from __future__ import annotations

from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec

V13 = "http://www.cdisc.org/ns/odm/v1.3"
V20 = "http://www.cdisc.org/ns/odm/v2.0"
REDCAP = "https://projectredcap.org"


def odm(definitions: str, *, namespace: str = V13, version: str = "1.3.2", before: str = "", after: str = "") -> bytes:
    """An ODM file whose one MetaDataVersion holds the definitions."""
    spaces = f'xmlns="{namespace}"' if namespace else ""
    stated = f'ODMVersion="{version}"' if version else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ODM {spaces} xmlns:redcap="{REDCAP}" {stated} FileOID="f">'
        f'<Study OID="S">{before}<MetaDataVersion OID="M" Name="M">\n{definitions}\n</MetaDataVersion></Study>'
        f"{after}</ODM>"
    ).encode()


def in_form(items: str, references: str = "", more: str = "") -> str:
    """Definitions of one form F 'Visit' with one group G 'Vitals' that refers to the items."""
    return (
        f'<FormDef OID="F" Name="Visit" Repeating="No"><ItemGroupRef ItemGroupOID="G" Mandatory="Yes"/></FormDef>\n'
        f'<ItemGroupDef OID="G" Name="Vitals" Repeating="No">{references}</ItemGroupDef>\n{items}\n{more}'
    )


def item(oid: str, data_type: str = "text", inside: str = "", question: str = "How are you?", **attributes: str) -> str:
    """One ItemDef with a question."""
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    asked = f"<Question><TranslatedText>{question}</TranslatedText></Question>" if question else ""
    return f'<ItemDef OID="{oid}" Name="{oid}" DataType="{data_type}"{said}>{asked}{inside}</ItemDef>'


def shown(oid: str, more: str = "", mandatory: str = "No") -> str:
    """One ItemRef."""
    return f'<ItemRef ItemOID="{oid}" Mandatory="{mandatory}" {more}/>'


def read_one(inside: str = "", data_type: str = "text", reference: str = "", more: str = "", **kw: str) -> FieldSpec:
    """The field of a file with this one item, X."""
    file = odm(in_form(item("X", data_type, inside, **kw), shown("X", reference), more))
    return formats.read(file).fields[0]


def codes_of(spec: DictionarySpec) -> list[str]:
    """The codes of the problems, in order."""
    return [problem.code for problem in spec.problems]
