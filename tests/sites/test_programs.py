"""Programs as rows: a code that a page has as its address is refused in words."""

from __future__ import annotations

import pytest

from sites.models import Program
from sites.models.places import ReservedCode
from tests.world import World

pytestmark = pytest.mark.django_db


def test_no_program_takes_the_address_of_a_page(world: World) -> None:
    sponsor = world.programs["car_pass_sponsor"].sponsor
    with pytest.raises(ReservedCode, match="cannot have the code duplicates"):
        Program.objects.create(code="duplicates", title="Any", sponsor=sponsor, kind="registry")
    assert not Program.objects.filter(code="duplicates").exists()
