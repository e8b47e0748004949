from __future__ import annotations

import pytest

from forms_catalog import starter
from forms_catalog.matching import guards, literals, words


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        (r"\bfactor\b", {"factor"}),
        (r"(?:one|two)[- ]stage", {"stage"}),
        (r"igg|aab", {"igg", "aab"}),
        (r"colou?r", {"colo"}),
        (r"(ab)+x", {"ab"}),
        (r"(?:ab)*", set()),
        (r"[0-9]+", set()),
        (r"a|bcd", set()),
        (r"not (?!applicable)done", {"not done"}),
        (r"%", {"%"}),
        (r"(?i)word", set()),
    ],
)
def test_a_pattern_cannot_match_without_its_pieces(pattern: str, pieces: set[str]) -> None:
    assert literals.needed(pattern) == pieces


def test_no_guard_is_missed_by_looking_for_letters_first() -> None:
    texts = [text for e in starter.elements().values() for text in (e.label, e.definition)]
    texts += [text for code in starter.program_codes() for text in starter.program_csv(code).decode().splitlines()]
    lower = [text.lower() for text in texts]
    spoken = 0
    for facet in guards.facets():
        for text in lower:
            found = facet.any_value.search(text) is not None
            assert facet.spoken_of(text, guards.pieces_of(text)) == found, (facet.name, text)
            spoken += found
    assert spoken > 1000


def test_no_rewriting_is_missed_by_looking_for_letters_first() -> None:
    text = "CO-existing ≥ 1,000 x 10^9/L, G-CSF <5%, non Hodgkin, #3, IgG+ check-point Conditioning iec-hs"
    for pattern, by, pieces in words.REWRITES:
        if pattern.search(text):
            assert any(piece in text.lower() for piece in pieces), (pattern.pattern, by)
