"""The review page through HTTP as its tests use it: show, what a form would send, decide."""

from __future__ import annotations

import re
from html import unescape

from django.http import HttpResponse
from django.test import Client

CODE = "car_pass_sponsor"
URL = f"/mapping/{CODE}/"


def show(client: Client, **query: str) -> str:
    """The page under a query."""
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return answer.content.decode()


def form_with(page: str, mark: str) -> str:
    """The first form of a page that has `mark` in it."""
    return next(f for f in (part.split("</form")[0] for part in page.split("<form")[1:]) if mark in f)


def typed(page: str, mark: str = 'data-key="a"') -> dict[str, str]:
    """What a form of a page would send, by default that which confirms."""
    form = form_with(page, mark)
    found = dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"', form))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', body)
        found[name] = (chosen[1] if chosen[1] is not None else chosen[2]) if chosen else ""
    steps = re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)
    sent = {**found, "steps": steps[1] if steps else "", "act": "confirm"}
    return {name: unescape(value) for name, value in sent.items()}


def decide(client: Client, **post: str) -> HttpResponse:
    """Send one decision."""
    return client.post(f"{URL}decide/", post)  # type: ignore[return-value]
