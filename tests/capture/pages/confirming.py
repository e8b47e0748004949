"""Looks at what an act would change and confirms it, as the pages do: for tests of pages."""

from __future__ import annotations

import re
from html import unescape

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from capture.models import Patient


def look(client: Client, patient: Patient, act: str, **form: str) -> HttpResponse:
    """Ask for the preview as the page does."""
    sent = {"act": act, "reason": "letter", **form}
    return client.post(reverse("patient_preview", args=[patient.uuid]), sent)  # type: ignore[return-value]


def confirm(client: Client, patient: Patient, preview: HttpResponse) -> HttpResponse:
    """Press the button of the preview: every field that it carries, and no other."""
    carried = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text(preview).split("form-foot")[1])
    form = {name: unescape(value) for name, value in carried}
    return client.post(reverse("patient_change", args=[patient.uuid]), form, follow=True)  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    """The page's source."""
    return answer.content.decode()
