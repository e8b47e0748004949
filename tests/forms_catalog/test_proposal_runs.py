"""The matcher's work on a large version: in chunks, at most once each, whoever dies; failures say what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from capture import tasks
from forms_catalog import handing_in, proposal_runs, proposing
from forms_catalog.models import DictionaryVersion, Mapping, Proposal, ProposalRun
from forms_catalog.tasks import propose_chunk
from sites import claims
from sites.models import Program, TrailEntry
from tests.forms_catalog.redcap_made import Row, csv_of
from tests.world import AT, World

pytestmark = pytest.mark.django_db
SEX = Row("sex", "Sex at birth", "radio", "M, Male | F, Female")
MANY = [Row(f"f{n}", f"What is the weight at visit {n}, in kilograms?", validation="number") for n in range(200)]


@pytest.fixture
def world(catalog_world: World) -> World:
    """Here the catalog is in."""
    return catalog_world


@pytest.fixture
def program(world: World) -> Program:
    return world.programs["sma_registry"]


def large(program: Program, *more: Row) -> ProposalRun:
    """A version above what is looked at in the request."""
    version, _ = handing_in.hand_in(program, csv_of(*MANY, *more), "big.csv", actor=AT)
    return ProposalRun.objects.get(version=version)


def test_a_small_version_is_looked_at_while_the_person_waits(program: Program) -> None:
    version, fresh = handing_in.hand_in(program, csv_of(SEX), "small.csv", actor=AT)
    run = ProposalRun.objects.get(version=version)
    assert (fresh, run.state, run.done, run.total) == (True, "done", 1, 1)
    assert Proposal.objects.exists()


def test_a_large_version_waits_for_the_worker_and_goes_on_chunk_by_chunk(program: Program) -> None:
    run = large(program, SEX)
    assert (run.state, run.done, run.total) == ("queued", 0, 201)
    assert not Proposal.objects.exists()
    assert proposal_runs.run_chunk(run.pk) is True
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 150)
    assert proposal_runs.run_chunk(run.pk) is False
    run.refresh_from_db()
    assert (run.state, run.done, sum(run.counts.values())) == ("done", 201, 201)
    assert TrailEntry.objects.get(action="propose").details == run.counts


def test_chunks_find_what_the_whole_finds(program: Program) -> None:
    run = large(program, SEX)
    proposal_runs.run_all(run)
    shown = ("path", "element", "rank", "score", "decision")
    chunked = list(Proposal.objects.order_by("path", "pk").values_list(*shown))
    Proposal.objects.all().delete()
    Mapping.objects.all().delete()
    proposing.propose(run.version, actor=AT)
    assert list(Proposal.objects.order_by("path", "pk").values_list(*shown)) == chunked


def test_a_worker_that_dies_is_followed_by_another(program: Program) -> None:
    run = large(program)
    assert claims.claim(ProposalRun, run.pk) is not None  # and never comes back
    assert proposal_runs.run_chunk(run.pk) is False
    ProposalRun.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    proposal_runs.run_all(run)
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 200)


def test_a_worker_that_lost_its_lease_writes_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    run = large(program)
    whole = proposing.propose_chunk

    def late(*args: Any, **named: Any) -> proposing.Chunk:
        ProposalRun.objects.update(claimed_by="somebody else")
        return whole(*args, **named)

    monkeypatch.setattr(proposing, "propose_chunk", late)
    proposal_runs.run_chunk(run.pk)
    run.refresh_from_db()
    assert (run.done, Proposal.objects.count()) == (0, 0)


def test_an_error_gives_the_run_up_and_a_person_takes_it_up_again(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = large(program)
    with monkeypatch.context() as broken:
        broken.setattr(proposing, "propose_chunk", lambda *a, **k: 1 / 0)
        assert proposal_runs.run_chunk(run.pk) is False
    run.refresh_from_db()
    assert (run.state, run.last_error) == ("dead", "ZeroDivisionError: division by zero")
    assert proposal_runs.again(run, actor=AT) is True
    assert proposal_runs.again(run, actor=AT) is False
    proposal_runs.run_all(run)
    run.refresh_from_db()
    assert (run.state, run.last_error) == ("done", "")


def test_a_busy_database_delays_the_run(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    run = large(program)

    def busy(*args: object, **named: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(proposing, "propose_chunk", busy)
    proposal_runs.run_chunk(run.pk)
    run.refresh_from_db()
    assert (run.state, run.dead_at, bool(run.next_try_at)) == ("queued", None, True)


def test_the_same_file_again_takes_up_a_run_that_was_given_up(program: Program) -> None:
    run = large(program)
    ProposalRun.objects.update(state="dead", dead_at=timezone.now(), next_try_at=None)
    version, fresh = handing_in.hand_in(program, csv_of(*MANY), "big.csv", actor=AT)
    run.refresh_from_db()
    assert (version, fresh, run.state) == (run.version, False, "queued")


def test_a_newer_version_ends_the_run_of_the_one_before(program: Program) -> None:
    run = large(program)
    newer = large(program, SEX)
    assert proposal_runs.run_chunk(run.pk) is False
    run.refresh_from_db()
    assert (run.state, newer.version.number) == ("overtaken", 2)


def test_the_sweep_hands_out_what_waits(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    run, handed = large(program), []
    monkeypatch.setattr(propose_chunk, "apply_async", lambda args, **_: handed.append(args))
    tasks.sweep()
    assert handed == [(run.pk,)]


def test_an_old_version_handed_in_again_is_not_proposed_for(program: Program) -> None:
    handing_in.hand_in(program, csv_of(SEX), "a.csv", actor=AT)
    handing_in.hand_in(program, csv_of(SEX, MANY[0]), "a.csv", actor=AT)
    version, fresh = handing_in.hand_in(program, csv_of(SEX), "a.csv", actor=AT)
    assert (version.number, fresh, DictionaryVersion.objects.count()) == (1, False, 2)
