"""Hostile and damaged XML: refused with one clear error, in a moment, within little memory."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from forms_catalog import formats
from forms_catalog.formats.problems import Findings
from forms_catalog.formats.xml_input import MAX_MARKS, parse, root_name
from tests.forms_catalog.formats.odm_files import in_form, item, odm, shown

START = b'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><Study OID="S"><MetaDataVersion OID="M" Name="M">'
LOL = b'<!DOCTYPE ODM [<!ENTITY a "lol">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
XXE = b'<!DOCTYPE ODM [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

HOSTILE = {
    "entity bomb": (LOL + b"]><ODM>&j;</ODM>", "doctype"),
    "external entity": (XXE + b"<ODM>&x;</ODM>", "doctype"),
    "external dtd": (b'<?xml version="1.0"?><!DOCTYPE ODM SYSTEM "http://127.0.0.1:9/x.dtd"><ODM/>', "doctype"),
    "doctype after comments": (b"<!-- a --><?pi?>\n<!-- b -->" + XXE + b"<ODM/>", "doctype"),
    "doctype in UTF-16": ((XXE + b"<ODM/>").decode().encode("utf-16"), "doctype"),
    "doctype in UTF-16 without a mark": ((XXE + b"<ODM/>").decode().encode("utf-16-le"), "doctype"),
    "doctype in small letters": (b"<!doctype html><ODM/>", "doctype"),
    "doctype behind another encoding": (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE <ODM/>', "encoding"),
    "entity without a doctype": (b"<ODM>&x;</ODM>", "malformed"),
    "100,000 levels": (b"<ODM>" * 100_000, "too_deep"),
    "millions of elements": (START + b"<a/>" * 4_500_000, "too_many_elements"),
    "millions of attributes": (START + b"<a " + b" ".join(b'b%d=""' % n for n in range(900_000)), "too_many_elements"),
    "a million empty items": (START + b'<ItemDef OID="a"/>' * 1_000_000, "too_many_elements"),
    "an endless comment": (b"<!-- " + b"x" * 10_000_000, "not_a_dictionary"),
    "millions of comments": (b"<!---->" * 2_000_000 + b"<ODM/>", "not_a_dictionary"),
    "a huge text": (START + b"<ItemDef>" + b"x" * 15_000_000 + b"</ItemDef>", "malformed"),
    "an element without its end": (START + b"<ItemDef>", "malformed"),
    "a prefix nobody declared": (b'<ODM><Study OID="S" redcap:a="1"/></ODM>', "malformed"),
    "zeros": (START + b"\x00" * 1000, "malformed"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="zlib"?><ODM/>', "encoding"),
    "HTML": (b"<html><body>ODM</body></html>", "not_a_dictionary"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_a_moment(name: str) -> None:
    data, code = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(formats.UnreadableFile) as caught:
        formats.read(data)
    assert time.process_time() - started < 10
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["millions of elements", "millions of attributes", "a million empty items"])
def test_a_hostile_file_takes_little_memory(name: str) -> None:
    script = f"""
import resource
from forms_catalog import formats
from tests.forms_catalog.formats.test_xml_input import HOSTILE
data = HOSTILE[{name!r}][0]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    formats.read(data)
except formats.UnreadableFile:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100_000


def test_the_error_names_line_and_column() -> None:
    with pytest.raises(formats.UnreadableFile, match=r"Line 3, column 5") as caught:
        formats.read(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<ODM>\n<a><')
    assert caught.value.code == "malformed"


def test_the_words_doctype_and_entity_inside_texts_do_no_harm() -> None:
    text = "&lt;!DOCTYPE x&gt; <![CDATA[<!DOCTYPE y><!ENTITY z>]]>"
    file = odm(in_form(item("X", question=text), shown("X"))).replace(b"<FormDef", b"<!-- <!DOCTYPE> --><FormDef")
    assert "DOCTYPE" in formats.read(file).fields[0].label


def test_white_space_before_the_declaration_is_no_fault_and_lines_stay() -> None:
    file = b"\n\n" + odm(in_form(item("X"), shown("X")))
    assert formats.read(file).fields[0].line == 7


def test_a_comment_in_a_text_does_not_cut_it() -> None:
    file = odm(in_form(item("X", question="How <!-- really --> are you?"), shown("X")))
    assert formats.read(file).fields[0].label == "How are you?"


def test_much_patient_data_does_not_count_against_the_dictionary() -> None:
    data = b'<ItemData ItemOID="X" Value="1"/>' * 1_000
    subjects = b'<ClinicalData StudyOID="S">' + (b'<SubjectData SubjectKey="1">' + data + b"</SubjectData>") * 300
    file = odm(in_form(item("X"), shown("X"))).replace(b"</ODM>", subjects + b"</ClinicalData></ODM>")
    assert file.count(b"=") > MAX_MARKS
    assert [f.name for f in formats.read(file).fields] == ["X"]


def test_a_big_dictionary_is_read_in_a_moment() -> None:
    check = '<RangeCheck Comparator="LT" SoftHard="Soft"><CheckValue>9</CheckValue></RangeCheck>'
    items = "\n".join(item(f"I{n}", "integer", check) for n in range(5_000))
    file = odm(in_form(items, "\n".join(shown(f"I{n}") for n in range(5_000))))
    started = time.process_time()
    spec = formats.read(file)
    assert len(spec.questions) == 5_000
    assert time.process_time() - started < 10
    assert spec.fields[-1].line > 10_000


def test_the_name_of_the_first_element_is_found_whatever_its_prefix() -> None:
    assert root_name(b"<?xml version='1.0'?><!-- x --><o:ODM xmlns:o='u'/>") == "ODM"
    assert root_name(b"no xml at all") == ""


def test_processing_instructions_and_comments_are_not_in_the_tree() -> None:
    root = parse(b"<ODM><?a b?><!-- c --><d/></ODM>", Findings())
    assert [str(element.tag) for element in root] == ["d"]
