"""Imports run one way: the tree keeps the contracts of pyproject.toml, and each contract catches a breach."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "protocol",
    "protocol.card",
    "host",
    "host.web",
    "host.desk",
    "host.api",
    "host.processes",
    "host.processes.web",
    "host.intercom",
    "host.reports",
    "host.cards",
    "host.cards.keeper",
    "host.cards.readers",
    "host.cards.desk",
    "host.terminals",
    "host.terminals.doubt",
    "host.terminals.fleet",
    "host.terminals.fleet.kiosks",
    "host.terminals.intake",
    "host.terminals.line",
    "host.terminals.line.mqtt",
    "host.terminals.relay",
    "host.terminals.reported",
    "host.terminals.sales",
    "host.terminals.talk",
    "host.terminals.updates",
    "host.reader_agent",
    "host.service",
    "host.installation",
    "host.operators",
    "host.ledger",
    "host.ledger.books",
    "host.db",
    "host.db.engine",
    "simulator",
    "simulator.card",
    "tools",
)
ALLOWED = [
    ("host.web", "host.desk"),
    ("host.desk", "host.cards"),
    ("host.api", "host.terminals"),
    ("host.api", "host.intercom"),
    ("host.intercom", "host.db"),
    ("host.processes", "host.cards.keeper"),
    ("host.processes.web", "host.api"),
    ("host.api", "host.ledger"),
    ("host.cards", "host.ledger"),
    ("host.cards", "host.ledger.books"),
    ("host.terminals", "host.ledger"),
    ("host.terminals.intake", "host.terminals.talk"),
    ("host.terminals.talk", "host.terminals.sales"),
    ("host.terminals.sales", "host.terminals.relay"),
    ("host.terminals.doubt", "host.terminals.reported"),
    ("host.terminals.reported", "host.terminals.fleet"),
    ("host.terminals.fleet", "host.terminals.line"),
    ("host.ledger", "host.db"),
    ("host.cards", "protocol.card"),
    ("simulator", "protocol.card"),
]
BREACHES = [
    ("protocol.card", "host.cards"),
    ("protocol", "simulator"),
    ("host.web", "simulator"),
    ("simulator", "host.ledger"),
    ("simulator.card", "protocol.card"),
    ("host.db", "host.ledger"),
    ("host.operators", "host.cards"),
    ("host.ledger", "host.cards"),
    ("host.cards", "host.desk"),
    ("host.desk", "host.web"),
    ("host.cards", "host.api"),
    ("host.terminals", "host.api"),
    ("host.ledger", "host.terminals"),
    ("host.terminals.talk", "host.terminals.intake"),
    ("host.terminals.doubt", "host.terminals.sales"),
    ("host.terminals.relay", "host.terminals.doubt"),
    ("host.terminals.fleet", "host.terminals.reported"),
    ("host.terminals.line", "host.terminals.fleet"),
    ("host.api", "host.processes"),
    ("host.cards", "host.intercom"),
    ("host.api", "host.cards.keeper"),
    ("host.intercom", "host.service"),
    ("host.processes.web", "host.cards.readers"),
    ("host.api", "host.ledger.books"),
    ("host.web", "host.ledger.books"),
    ("host.reports", "host.ledger.books"),
    ("host.reader_agent", "host.ledger"),
    ("host.reader_agent", "host.cards.keeper"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def plant(folder: Path, imports: list[tuple[str, str]]) -> None:
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        here = folder / package.replace(".", "/")
        here.mkdir(parents=True, exist_ok=True)
        lines = [f"import {target}\n" for source, target in imports if source == package]
        (here / "__init__.py").write_text("".join(lines))


def test_the_tree_keeps_its_contracts() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_imports_along_the_arrows_pass(tmp_path: Path) -> None:
    plant(tmp_path, ALLOWED)
    result = lint(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("source", "target"), BREACHES)
def test_an_import_against_the_arrows_is_caught(tmp_path: Path, source: str, target: str) -> None:
    plant(tmp_path, [*ALLOWED, (source, target)])
    result = lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert f"{source} -> {target}" in result.stdout
