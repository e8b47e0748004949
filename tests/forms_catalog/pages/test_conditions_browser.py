"""Python and the browser evaluate every expression to the same value or the same error, under the real policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.templatetags.static import static
from playwright.sync_api import Page

from forms_catalog import formats, language, starter
from forms_catalog.specs import DictionarySpec
from tests.forms_catalog.language import generated
from tests.forms_catalog.language.generated import Case
from tests.shared_data import SHARED, needs_shared, read_once
from tests.sizes import size

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PARTS = ("exact", "values", "dates", "functions", "evaluate")
BATCH = 1000
IN_BROWSER = """cases => JSON.stringify(JSON.parse(cases).map((one) => {
  const lookup = (ref) => one.answers[
    [ref.name, ref.event, ref.code, ref.instance, ref.modifier].map((part) => part || "").join("\\t")];
  try {
    return { value: askonceLanguage.evaluate(one.tree, lookup, one) };
  } catch (error) {
    return error.code ? { error: error.code } : { thrown: String(error) };
  }
}))"""


@pytest.fixture
def evaluator(quiet_page: Page, live_server: Any, transactional_db: None) -> Page:
    """A page of ours, under our policy, with the evaluator."""
    answer = quiet_page.goto(f"{live_server.url}/login/")
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    for part in PARTS:
        quiet_page.add_script_tag(url=static(f"forms_catalog/language/{part}.js"))
    return quiet_page


def differences(page: Page, cases: Iterator[Case]) -> tuple[int, list[Any]]:
    """How many cases were compared, and those where the two sides differ."""
    compared, wrong = 0, []
    while batch := list(islice(cases, BATCH)):
        found = json.loads(page.evaluate(IN_BROWSER, json.dumps([case.json for case in batch])), parse_int=float)
        here = [generated.python(case) for case in batch]
        wrong += [(c, p, b) for c, p, b in zip(batch, here, found, strict=True) if not _same(p, b)]
        compared += len(batch)
    return compared, wrong


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """The same kind and value; JSON makes 3.0 a 3."""
    if one.keys() != other.keys():
        return False
    (first,), (second,) = one.values(), other.values()
    texts = isinstance(first, str | bool) or isinstance(second, str | bool)
    return first == second and (not texts or type(first) is type(second))


@pytest.mark.thorough
def test_generated_expressions_agree(evaluator: Page) -> None:
    number = size(400, 10_000)
    compared, wrong = differences(evaluator, generated.cases(number))
    print(f"{compared} generated cases, {len(wrong)} differences")
    assert (compared, wrong[:5]) == (number, [])


@pytest.mark.thorough
def test_every_expression_of_the_shipped_programs_agrees(evaluator: Page) -> None:
    read = {code: formats.read(starter.program_csv(code), f"{code}.csv") for code in starter.program_codes()}
    assert len(read) == 8
    _agree(evaluator, read)


@needs_shared
@pytest.mark.thorough
def test_every_expression_of_the_real_dictionaries_agrees(evaluator: Page) -> None:
    files = [f for f in sorted((SHARED / "data" / "import").rglob("*")) if f.suffix in (".csv", ".json", ".xml")]
    _agree(evaluator, {file.name: read for file in files if (read := _read(file)) is not None})


def _read(file: Path) -> DictionarySpec | None:
    try:
        return read_once(file)
    except formats.UnreadableFile:
        return None


def _agree(page: Page, dictionaries: dict[str, DictionarySpec]) -> None:
    texts, cases = 0, []
    for name, spec in dictionaries.items():
        fields = {field.name: field for field in spec.fields}
        for text in sorted({t for f in spec.fields for t in (f.branching, f.calculation) if t}):
            node = _parsed(text)
            texts += node is not None
            cases += list(generated.of_dictionary(node, fields, size(1, 20), f"{name} {text}")) if node else []
    compared, wrong = differences(page, iter(cases))
    print(f"{len(dictionaries)} dictionaries, {texts} expressions, {compared} cases, {len(wrong)} differences")
    assert texts > 0
    assert wrong[:5] == []


def _parsed(text: str) -> language.Node | None:
    try:
        return language.parse(text)
    except language.LogicError:
        return None
