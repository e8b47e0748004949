"""Replays the burden ledger from the frozen sheets and names every difference. Called by check_burden_ledger."""

from __future__ import annotations

from collections.abc import Iterator

from capture.ask import charges
from capture.enter.recording import submission_facts
from capture.models import Submission
from sites.burden import ledger
from sites.models import BurdenEntry


def drift() -> Iterator[str]:
    """One line a difference: an entry that is missing, one nobody can explain, or one with other figures."""
    rows = BurdenEntry.objects.filter(source=charges.SOURCE)
    stored = {e.key: e for e in (ledger.of_row(r) for r in rows.iterator(2000))}
    for submission in Submission.objects.select_related("visit__site").iterator(200):
        for entry in charges.entries(submission_facts(submission)):
            found = stored.pop(entry.key, None)
            if found is None:
                yield f"missing: {entry.kind} of {entry.program} for submission {entry.source_uuid}"
            elif found != entry:
                yield f"differs: {entry.kind} of {entry.program} for submission {entry.source_uuid}"
    for key in stored:
        yield f"unexplained: {key[3]} of {key[2]} for submission {key[1]}"
