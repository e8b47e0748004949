"""The frame around every page: who sees which menu, where a role starts, headers, errors, signing in."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from config import nav
from sites.models import Role
from tests import world as cast

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    """A client of that person."""
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("name", sorted({name for _, name, _ in nav.MENU} | set(nav.START.values())))
def test_every_entry_of_the_menu_leads_somewhere(name: str) -> None:
    assert reverse(name)


def test_every_role_has_a_start() -> None:
    assert set(nav.START) == set(Role)


@pytest.mark.parametrize("person", ["alice", "bob", "charlie", "sam", "cora", "dana", "audrey"])
def test_each_person_may_open_every_page_of_their_menu(world: cast.World, person: str) -> None:
    client = signed_in(world.people[person])
    page = client.get("/", follow=True)
    assert page.status_code == 200
    assert [item.label for item in page.context["nav"] if client.get(item.url, follow=True).status_code != 200] == []


def test_the_page_one_is_on_is_marked(world: cast.World) -> None:
    page = signed_in(world.alice).get(reverse("worklist"))
    assert [item.label for item in page.context["nav"] if item.active] == ["Worklist"]


def test_without_a_role_the_landing_page_says_what_to_do(client: Client) -> None:
    client.force_login(get_user_model().objects.create_user("new", password="correct horse battery"))
    page = client.get("/")
    assert page.status_code == 403
    assert "Ask your site manager" in page.text


def test_the_landing_page_asks_strangers_to_sign_in(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/login/?next=/"


@pytest.mark.parametrize("path", ["/login/", "/nowhere/"])
def test_answers_carry_the_strict_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"


def test_a_signed_in_page_is_never_kept_in_a_cache(world: cast.World) -> None:
    assert "no-store" in signed_in(world.alice).get(reverse("worklist")).headers["Cache-Control"]


def test_an_unknown_page_answers_404_in_the_frame(client: Client) -> None:
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "There is nothing here for you" in page.text


def test_a_form_without_token_is_refused_with_advice(world: cast.World) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login/", {"username": "alice", "password": "x"})
    assert page.status_code == 403
    assert "out of date" in page.text


def test_signing_in_leads_to_the_start_page_and_out_again(world: cast.World) -> None:
    client = Client()
    client.post("/login/", {"username": world.alice.username, "password": cast.PASSWORD})
    assert client.get("/").headers["Location"] == reverse("worklist")
    client.post("/logout/")
    assert client.get("/").headers["Location"].startswith("/login/")


def test_too_many_wrong_passwords_pause_the_account(world: cast.World, settings: Any) -> None:
    settings.AXES_ENABLED = True
    client = Client()
    wrong = {"username": world.alice.username, "password": "wrong"}
    codes = [client.post("/login/", wrong).status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert codes[-1] == 429
    right = {"username": world.alice.username, "password": cast.PASSWORD}
    assert client.post("/login/", right).status_code == 429


def test_no_page_can_take_the_product_version_for_its_own(world: cast.World) -> None:
    page = signed_in(world.people["cora"]).get(reverse("exports"), {"version": "7"}).content.decode()

    assert f"AskOnce {settings.VERSION}<" in page
