"""manage.py reseal_identifiers: everything that is ciphertext again under the newest key; plain identifiers too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from capture.enter import resealing
from sites.trail import system


class Command(BaseCommand):
    help = (
        "Writes identifiers, drafts and delivery payloads again under the first key of ASKONCE_IDENTITY_KEY, and "
        "seals identifiers that are still plain. Afterwards the older keys are not needed. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        made = resealing.reseal(actor=system("reseal", channel="cli"), reason="the identity key was rotated")
        self.stdout.write(", ".join(f"{count} {name}" for name, count in made.items()) + " written again.")
