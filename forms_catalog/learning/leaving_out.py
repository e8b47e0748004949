"""Learning, step 6: each program matched by a model that was trained without it.

The model's ranks never saw the program's decisions. What people wrote by hand after reading the first programs (guards,
word lists, hand-set weights) did, and so did the few weights of confidence, which only decide where "new" is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from forms_catalog.learning import fitting
from forms_catalog.learning.cross_validation import Progress
from forms_catalog.learning.examples import Decided, Examples, collect, together
from forms_catalog.learning.scoring import Expected, ProgramScore, of_program
from forms_catalog.matching import CatalogEntry, Decision, Matcher, Query, Ranker

Rankers = Callable[[str], Ranker]


def without(program: str, catalog: Sequence[CatalogEntry], decided: Sequence[Decided], others: Sequence[Examples],
            weight: float) -> Ranker:  # fmt: skip
    """A ranker trained on the `others` and on every program but one; confidence and thresholds are the shipped ones."""
    kept = collect(catalog, [one for one in decided if one.held != program], weight)
    return Ranker(model={**Ranker().model, **fitting.fit(*together([*others, kept]))})


def scores(
    catalog: Sequence[CatalogEntry],
    asked: Mapping[str, Sequence[Query]],
    expected: Mapping[str, Mapping[str, Expected]],
    ranker: Rankers,
    say: Progress = lambda _: None,
) -> Iterator[tuple[str, ProgramScore, ProgramScore]]:
    """(program, its score, its score with each field's right element taken away); `ranker` gives one for a program."""
    for program, fields in expected.items():
        say(program)
        model = ranker(program)
        gone = [(q.key, fields[q.name].element) for q in asked[program] if q.name in fields and fields[q.name].element]
        whole = _decisions(Matcher(catalog, ranker=model), asked[program])
        removed = _decisions(Matcher(catalog, rejected=gone, ranker=model), asked[program])
        nothing = {name: Expected("", "new", one.traps) for name, one in fields.items()}
        yield program, of_program(fields, whole), of_program(nothing, removed)


def _decisions(matcher: Matcher, queries: Sequence[Query]) -> dict[str, Decision]:
    return {query.name: found for query, found in zip(queries, matcher.match(queries), strict=True)}
