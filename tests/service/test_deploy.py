"""What is shown as a way to run the service can be run: its commands are ours, with options they know."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import pytest
import yaml

from llmgrade.cli.front import main

from .conftest import ROOT

COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
UNIT = configparser.ConfigParser(interpolation=None, strict=False)
UNIT.optionxform = str  # type: ignore[assignment, method-assign]
UNIT.read(ROOT / "deploy" / "llmgrade.service", encoding="utf-8")
COMMANDS = [
    *(one["command"] for one in COMPOSE["services"].values() if "command" in one),
    UNIT["Service"]["ExecStart"],
]


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_that_are_shown_are_understood(line: str) -> None:
    program, *words = shlex.split(line)
    assert Path(program).name == "llmgrade"
    with main.make_context("llmgrade", list(words)) as context:
        name, command, rest = main.resolve_command(context, [*context.protected_args, *context.args])
        assert command is not None
        command.make_context(name, rest, parent=context).close()


def test_the_compose_file_waits_for_its_database_and_keeps_its_data() -> None:
    services = COMPOSE["services"]
    assert {"database", "api", "worker"} == services.keys()
    for one in ("api", "worker"):
        assert services[one]["depends_on"]["database"]["condition"] == "service_healthy"
        assert "@database/" in services[one]["environment"]["LLMGRADE_DATABASE"]
    assert "healthcheck" in services["database"]
    assert {mount.split(":")[0] for mount in services["database"]["volumes"]} == COMPOSE["volumes"].keys()


def test_the_unit_writes_where_it_may_and_has_time_to_stop() -> None:
    service = UNIT["Service"]
    assert service["Environment"].endswith(f"////var/lib/{service['StateDirectory']}/llmgrade.sqlite3")
    assert int(service["TimeoutStopSec"]) >= 25  # open requests, then the worker
    assert service["KillMode"] == "mixed"  # the service tells its worker itself
