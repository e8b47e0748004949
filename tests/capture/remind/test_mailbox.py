"""The file mailbox: whole messages under their Message-ID, repeats beside the first."""

from __future__ import annotations

import email
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import BadHeaderError, EmailMessage

from capture.remind.mailbox import FileMailbox


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MAILBOX_DIR = tmp_path / "mail"
    return tmp_path / "mail"


def message(subject: str = "Hello", message_id: str = "<digest-1@askonce.example>") -> EmailMessage:
    return EmailMessage(subject, "Body", "a@example.org", ["b@example.org"], headers={"Message-ID": message_id})


def test_a_message_is_one_file_named_by_its_message_id(folder: Path) -> None:
    FileMailbox().send_messages([message()])
    found = email.message_from_bytes((folder / "digest-1@askonce.example.1.eml").read_bytes())
    assert (found["Subject"], found["Message-ID"]) == ("Hello", "<digest-1@askonce.example>")


def test_a_repeat_lies_beside_the_first(folder: Path) -> None:
    for _ in range(3):
        FileMailbox().send_messages([message()])
    assert sorted(p.name for p in folder.iterdir()) == [f"digest-1@askonce.example.{n}.eml" for n in (1, 2, 3)]


def test_a_message_id_cannot_leave_the_folder(folder: Path) -> None:
    FileMailbox().send_messages([message(message_id="<../../evil@example.org>")])
    assert [p.parent for p in folder.glob("*.eml")] == [folder]


def test_a_message_that_cannot_be_written_leaves_nothing(folder: Path) -> None:
    with pytest.raises(BadHeaderError):
        FileMailbox().send_messages([message(subject="a\nBcc: c@example.org")])
    assert list(folder.iterdir()) == []
