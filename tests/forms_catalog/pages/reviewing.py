"""The review page through HTTP as its tests use it: show, what a form would send, decide."""

from __future__ import annotations

import copy
import re
from html import unescape
from typing import TypeVar

from django.http import HttpResponse
from django.test import Client

from forms_catalog.models import FieldRequest, Proposal

CODE = "car_pass_sponsor"
URL = f"/mapping/{CODE}/"
Row = TypeVar("Row", FieldRequest, Proposal)


def show(client: Client, **query: str) -> str:
    """The page under a query."""
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return answer.content.decode()


def form_with(page: str, mark: str) -> str:
    """The first form of a page that has `mark` in it."""
    return next(f for f in ("<form" + part.split("</form")[0] for part in page.split("<form")[1:]) if mark in f)


def typed(page: str, mark: str = 'id="confirm"') -> dict[str, str]:
    """What a form of a page would send, by default that which confirms."""
    form = form_with(page, mark)
    found = dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"', form))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', body)
        found[name] = (chosen[1] if chosen[1] is not None else chosen[2]) if chosen else ""
    steps = re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)
    sent = {**found, "steps": steps[1] if steps else "", "act": "confirm"}
    return {name: unescape(value) for name, value in sent.items()}


def decide(client: Client, **post: str) -> HttpResponse:
    """Send one decision."""
    return client.post(f"{URL}decide/", post)  # type: ignore[return-value]


def grow(times: int) -> None:
    """The newest version with every field so many times more, each with its proposals."""
    fields, proposals = list(FieldRequest.objects.all()), list(Proposal.objects.all())
    for n in range(times):
        FieldRequest.objects.bulk_create([_again(row, n) for row in fields])
        Proposal.objects.bulk_create([_again(row, n) for row in proposals])


def _again(row: Row, n: int) -> Row:
    made = copy.copy(row)
    made.pk, made.path = None, f"{row.path}_{n}"
    if isinstance(made, FieldRequest):
        made.spec, made.order = {**made.spec, "path": made.path}, made.order + 1000 * (n + 1)
    return made
