"""ODM files made to exhaust a reader, and damaged ones: always an answer, in a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_catalog import formats
from forms_catalog.formats.odm.study import MAX_ITEMS
from tests.forms_catalog.formats.odm_files import V20, codes_of, in_form, item, odm, shown
from tests.forms_catalog.formats.test_odm_study import ODM_2, ODM_11

SOON = 10  # seconds of a processor; about 1 on an idle one, and what blows up takes minutes
VERSION = '<MetaDataVersion OID="M{n}"><Include MetaDataVersionOID="M{m}"/></MetaDataVersion>'
CHOICE = '<CodeListItem CodedValue="{n}"/>'
TIMING = '<RelativeTimingConstraint PredecessorOID="{m}" SuccessorOID="{n}" TimepointRelativeTarget="P1D"/>'
CONDITIONAL = 'CollectionExceptionConditionOID="C{n}"'


def many(number: int, text: str) -> str:
    """The text again and again with its number, {n}, and the one after it, {m}."""
    return "".join(text.replace("{n}", str(n)).replace("{m}", str((n + 1) % number)) for n in range(number))


def conditions(number: int, expression: str) -> bytes:
    rules = f'<ConditionDef OID="C{{n}}"><FormalExpression>{expression}</FormalExpression></ConditionDef>'
    return odm(in_form(many(number, item("I{n}")), many(number, shown("I{n}", CONDITIONAL)), many(number, rules)))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a chain of versions": lambda: odm(item("X"), before=many(40_000, VERSION)),
    "conditions that are long": lambda: conditions(2_000, "I1-" * 1_600),
    "conditions that look like XPath": lambda: conditions(20, "ItemData[" + "a/" * 2_400),
    "a condition of one long word": lambda: conditions(20, "ItemData[" + "a" * 4_900),
    "one group in many forms": lambda: odm(
        many(500, '<FormDef OID="F{n}" Name="F{n}"><ItemGroupRef ItemGroupOID="G"/></FormDef>')
        + f'<ItemGroupDef OID="G" Name="G">{many(9_000, shown("I{n}"))}</ItemGroupDef>{many(9_000, item("I{n}"))}'
    ),
    "groups in groups in groups": lambda: odm(
        many(300, f'<ItemGroupDef OID="G{{n}}" Type="Form">{"".join(_group(n) for n in range(300))}</ItemGroupDef>')
        + item("X"),
        namespace=V20,
    ),
    "a list shared by all items": lambda: odm(
        many(9_000, item("I{n}", "text", '<CodeListRef CodeListOID="L"/>'))
        + f'<CodeList OID="L" Name="L">{many(15_000, CHOICE)}</CodeList>'
    ),
    "thousands of languages": lambda: odm(
        many(5_000, item("I{n}", "text", '<CodeListRef CodeListOID="L"/>'))
        + '<CodeList OID="L" Name="L"><CodeListItem CodedValue="1"><Decode>'
        + many(10_000, '<TranslatedText xml:lang="l{n}">x</TranslatedText>')
        + "</Decode></CodeListItem></CodeList>"
    ),
    "events in a circle": lambda: odm(
        "<Protocol>"
        + many(
            30_000, '<RelativeTimingConstraint PredecessorOID="{m}" SuccessorOID="{n}" TimepointRelativeTarget="P1D"/>'
        )
        + f"</Protocol>{item('X')}",
        namespace=V20,
    ),
    "a label of millions of characters": lambda: odm(in_form(item("X", question="&lt;a " * 1_500_000), shown("X"))),
    "millions of lines that are not UTF-8": lambda: odm(item("X", question="Q\n" * 2_000_000)).replace(b"Q", b"\xff"),
}


def _group(number: int) -> str:
    return f'<ItemGroupRef ItemGroupOID="G{number}" Mandatory="No"/>'


@cache
def met(name: str) -> tuple[float, int, set[str]]:
    """Seconds of a processor that reading the file took, its fields, and the codes of what is said about it."""
    data = HOSTILE[name]()
    started = time.process_time()
    spec = formats.read(data)
    return time.process_time() - started, len(spec.fields), set(codes_of(spec))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_made_to_exhaust_the_reader_is_read_in_a_moment(name: str) -> None:
    seconds, fields, _ = met(name)
    assert seconds < SOON
    assert fields <= MAX_ITEMS


def test_too_many_items_are_refused() -> None:
    with pytest.raises(formats.UnreadableFile) as caught:
        formats.read(odm(many(MAX_ITEMS + 1, '<ItemDef OID="{n}"/>')))
    assert caught.value.code == "too_many_items"


def test_what_is_not_followed_is_said() -> None:
    assert "too_many_references" in met("one group in many forms")[2]
    assert "too_many_choices" in met("a list shared by all items")[2]
    assert "too_many_languages" in met("thousands of languages")[2]


def test_a_condition_that_is_not_read_for_its_length_is_never_taken_the_wrong_way_round() -> None:
    spec = formats.read(conditions(30, "[I1] = '1' or " * 400 + "[I2] = '{n}'"))
    unread = [field for field in spec.fields if field.branching.startswith("Not collected when: ")]
    read = [field for field in spec.fields if field.branching.startswith("not (")]
    assert len(unread) + len(read) == 30
    assert unread
    assert read


SAMPLES = [ODM_11, odm(ODM_2, namespace=V20, version="2.0")]
WORDS = [b"<", b">", b'"', b"&", b"&#0;", b"<![CDATA[", b"-->", b"<!DOCTYPE x>", b"xmlns=''", b"OID", b"\xff", b"\x00"]
WORDS += [b'OID="F"', b'ItemGroupOID="F"', b'Type="Form"', b"ItemDef", b"<ItemDef/>", b"999999999999", b"\xe2\x80\xa8"]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 6))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
        data = data[:at] + draw(st.sampled_from([b"", data[:80], *WORDS])) + data[at + length :]
    return data


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_a_damaged_file_gives_fields_or_one_clear_error(data: bytes) -> None:
    try:
        spec = formats.read(data)
    except formats.UnreadableFile:
        return
    assert len({field.path for field in spec.fields}) == len(spec.fields)
    assert all(problem.message and problem.severity for problem in spec.problems)
