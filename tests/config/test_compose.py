"""docker-compose.yml and Dockerfile, as text. No container engine runs here: the image is not built and not started."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from config import settings as askonce
from tests.processes import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LASTING = ["web", "worker", "beat", "db", "redis"]


def test_it_has_every_part_of_the_run() -> None:
    assert set(SERVICES) == {*LASTING, "migrate"}


@pytest.mark.parametrize("name", LASTING)
def test_each_lasting_part_restarts_and_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_our_parts_wait_for_migrated_database_and_broker(name: str) -> None:
    waits = SERVICES[name]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert waits["redis"]["condition"] == "service_healthy"


def test_no_secret_value_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|DATABASE", name):
                assert str(value).startswith("/run/secrets/")
                assert name.endswith("_FILE")
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())


def test_it_gives_every_variable_that_production_asks_for() -> None:
    given = {name.removesuffix("_FILE") for name in SERVICES["web"]["environment"]}
    assert set(askonce.PRODUCTION_NEEDS) <= given


def test_only_the_proxy_of_this_machine_reaches_the_web_port() -> None:
    assert SERVICES["web"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]
    assert not any("ports" in SERVICES[name] for name in ("db", "redis", "worker", "beat"))


def test_the_image_runs_as_a_user_without_rights_and_installs_by_hash() -> None:
    last_user = re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert last_user == "askonce"
    assert "--require-hashes" in DOCKERFILE


def test_every_folder_that_the_image_copies_exists() -> None:
    for source in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        assert all((ROOT / part).exists() for part in source.split())
