"""The keys of the review page, as its legend names them. The page's buttons and links carry them as data-key."""

from __future__ import annotations

KEYS: tuple[tuple[str, str], ...] = (
    ("a", "accept what is filled in; broader and narrower ask once more"),
    ("n", "not the same: this element is never proposed again for this field"),
    ("x", "reject: not for this wording of the field"),
    ("w", "make a new element, asked once more"),
    ("s", "skip: the field comes back at the end"),
    ("j", "next field"),
    ("k", "previous field"),
    ("]", "next candidate"),
    ("[", "previous candidate"),
    ("1–5", "that candidate"),
    ("/", "search the catalog for another element"),
    ("f", "find a field"),
    ("r", "write the reason"),
    ("e", "relation, steps, condition, extra question"),
    ("o", "which of several answers, or what of it, is delivered"),
    ("m", "which code each answer becomes"),
    ("u", "undo the last decision, or the last batch"),
    ("A", "accept all that are ready, after a look at each"),
    ("?", "this list"),
    ("Esc", "leave a box, so that the keys work again"),
)
