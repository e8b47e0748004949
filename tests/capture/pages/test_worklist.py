"""The worklist page: filters in the address, saved views of one's own with counts, CSV, pages of 25, fixed cost."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capture.models import SavedView, Visit
from sites.models import TrailEntry
from tests.capture.pages.at_north import coordinator, patients, person

pytestmark = pytest.mark.django_db
HERE = "/worklist/north/"


@pytest.fixture
def al(db: None) -> Iterator[Client]:
    with coordinator() as client:
        yield client


def listed(client: Client, query: str = "") -> tuple[list[str], str]:
    """The patients of the rows, and the page."""
    source = client.get(HERE + query).content.decode()
    return re.findall(r"<a data-row [^>]*>([^<]+)</a>", source), source


def save(client: Client, name: str, query: str) -> SavedView:
    client.post(f"{HERE}views/", {"name": name, "query": query})
    return SavedView.objects.latest("pk")


def change(client: Client, view: SavedView, act: str, **more: str) -> Any:
    return client.post(f"/worklist/views/{view.uuid}/", {"act": act, **more}, follow=True)


def test_filters_stand_in_the_address_and_in_the_form(al: Client) -> None:
    every, _ = listed(al)
    late, source = listed(al, "?bucket=overdue&search=0002&kind=baseline&sort=patient")
    assert set(late) == {"NRT-0002"}
    assert 0 < len(late) < len(every)
    assert '<option value="baseline" selected>' in source
    assert "No visit fits these filters" in listed(al, "?search=nobody")[1]


def test_grouped_by_patient_each_patient_is_named_once_with_their_number(al: Client) -> None:
    _, source = listed(al, "?group=patient&bucket=overdue")
    heads = re.findall(r'scope="rowgroup" colspan="5">([^<]+) <span class="sub">(\d+) open', source)
    assert [name for name, _ in heads] == ["NRT-0001", "NRT-0002", "NRT-0003"]
    assert all(int(number) >= 3 for _, number in heads)


def test_a_view_is_saved_counted_renamed_opened_first_and_deleted(al: Client) -> None:
    view = save(al, "  Late  ones ", "bucket=overdue&page=2&nonsense=1")
    assert (view.name, view.query) == ("Late ones", "bucket=overdue")
    number = len(listed(al, "?bucket=overdue")[0])
    assert f"Late ones <strong>{number}</strong>" in listed(al)[1]
    change(al, view, "rename", name="Overdue")
    change(al, view, "first")
    assert al.get("/worklist/", follow=True).redirect_chain == [(f"{HERE}?bucket=overdue", 302)]
    change(al, view, "first")
    assert al.get("/worklist/").status_code == 200
    change(al, view, "delete")
    assert not SavedView.objects.exists()
    told = TrailEntry.objects.filter(subject=f"view:{view.uuid}").order_by("pk").values_list("action", "actor")
    assert list(told) == [
        (a, "al") for a in ("save_view", "rename_view", "default_view", "default_view", "delete_view")
    ]


def test_only_one_view_opens_first_and_a_name_is_taken_once(al: Client) -> None:
    one, two = save(al, "One", "bucket=due"), save(al, "Two", "bucket=coming")
    change(al, one, "first")
    change(al, two, "first")
    assert list(SavedView.objects.filter(is_default=True)) == [two]
    assert "You have a view named &#x27;one&#x27; already" in change(al, two, "rename", name="one").content.decode()
    assert "Give the view a name" in change(al, two, "rename", name=" ").content.decode()


def test_nobody_sees_or_changes_the_views_of_others(al: Client) -> None:
    view = save(al, "Mine alone", "")
    bea = person("bea")
    assert "Mine alone" not in bea.get(HERE).content.decode()
    assert bea.post(f"/worklist/views/{view.uuid}/", {"act": "delete"}).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_the_file_holds_what_is_chosen_by_pseudonym(al: Client) -> None:
    names, _ = listed(al, "?bucket=overdue")
    answer = al.get(f"{HERE}file/?bucket=overdue")
    assert answer["Content-Type"].startswith("text/csv")
    table = list(csv.DictReader(StringIO(answer.content.decode())))
    assert [r["patient"] for r in table] == names
    assert {r["state"] for r in table} == {"overdue"}
    assert set(table[0]) == {"patient", "state", "due", "days", "opens", "last day", "kind", "draft", "serves"}


def test_pages_of_25_take_the_same_queries_with_few_and_many_open_and_with_views(al: Client) -> None:
    def queries(query: str = "") -> int:
        with CaptureQueriesContext(connection) as taken:
            assert al.get(HERE + query).status_code == 200
        return len(taken)

    few = queries()
    patients(4, first=4)
    for n in range(5):
        save(al, f"View {n}", f"search=000{n}")
    assert len(listed(al)[0]) == 25
    assert listed(al, "?page=2")[0]
    assert Visit.objects.filter(submitted_at=None).count() > 100
    assert [queries(), queries("?page=2"), queries("?group=patient&sort=closes")] == [few] * 3
    assert few <= 20
