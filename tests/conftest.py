"""What holds for all tests: a skipped test says what to install, and in CI nothing may be skipped.

And what many of them need: a leash, a broker, PostgreSQL, a port where nobody answers. The fixtures import
the simulator themselves: test_conftest.py runs this file without it.
"""

import itertools
import os
import re
import socket
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.broker import Broker
    from simulator.leash import Leash
    from simulator.postgres import Postgres

# How every skip for a missing system package is worded: pytest.skip("needs apt package pcscd swig")
NEEDS = re.compile(r"needs apt packages? ([a-z0-9.+-]+(?: [a-z0-9.+-]+)*)")
# Whole shops and long days. Of several workers each takes the next file: what is long must not be the last.
LONG_FIRST = (
    "tests/scenarios/",
    "tests/firmware/cuts/",
    "tests/soak/",
    "tests/crash/",
    "tests/host/test_cli",
    "tests/host/reader_agent/",
    "tests/relay/",
    "tests/thief/",
    "tests/updates/",
    "tests/drain/",
    "tests/firmware/budgets/",
    "tests/firmware/net/",
    "tests/firmware/test_",
    "tests/simulator/test_",
    "tests/bench/",
    "tests/host/flashing/",
)
NO_SKIP = os.environ.get("TAPLEDGER_NO_SKIP") == "1"
_numbers = itertools.count(1)  # of databases


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For workers (-n): the long files first, else in the order they stand."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: rank(item.nodeid))


def rank(nodeid: str) -> int:
    """Where a test belongs in a run by several workers; a smaller one is earlier."""
    return next((i for i, start in enumerate(LONG_FIRST) if nodeid.startswith(start)), len(LONG_FIRST))


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)


def forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Where nothing may be skipped, a skip is a failure. An expected failure is not a skip."""
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"TAPLEDGER_NO_SKIP=1 allows no skipped test. {reason_of(report)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    forbid_skip(report)
    return report


def install_line(reasons: Iterable[str]) -> str:
    """The sentence that names what to install for these skip reasons; empty when no package would help."""
    found = [match.group(1).split() for reason in reasons if (match := NEEDS.search(reason))]
    packages = sorted({package for packages in found for package in packages})
    if not packages:
        return ""
    return f"To run the {len(found)} skipped tests: apt install {' '.join(packages)}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    line = install_line(reason_of(report) for report in terminalreporter.stats.get("skipped", []))
    if line:
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture
def leash() -> Iterator["Leash"]:
    """What it holds dies with the test, even with one that is killed."""
    from simulator.leash import Leash

    leash = Leash()
    yield leash
    leash.close()


@pytest.fixture(params=["iotcore", "mosquitto"])
def broker_kind(request: pytest.FixtureRequest) -> str:
    from simulator.broker import find_mosquitto

    if request.param == "mosquitto" and find_mosquitto() is None:
        pytest.skip("needs apt package mosquitto")
    return str(request.param)


@pytest.fixture
def broker(broker_kind: str, tmp_path: Path, leash: "Leash") -> Iterator["Broker"]:
    """A real broker of each kind."""
    from simulator.broker import Broker

    broker = Broker(tmp_path, leash, broker_kind)
    broker.start()
    yield broker
    broker.stop()


@contextmanager
def running_postgres(fast: bool) -> Iterator["Postgres"]:
    from simulator import postgres
    from simulator.postgres_programs import found_programs

    if not found_programs():
        pytest.skip("needs apt package postgresql")
    with postgres.temporary(fast) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator["Postgres"]:
    """PostgreSQL, one for this process of pytest. Quick and forgetful: not to be stopped or killed."""
    with running_postgres(fast=True) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: "Postgres") -> str:
    """A new, empty database."""
    number = next(_numbers)
    # Not at that test's end, when a client of it may be still on its way out: PostgreSQL would wait 0.1 s.
    postgres.drop(f"test_{number - 1}")
    return postgres.create(f"test_{number}")


@pytest.fixture(scope="session")
def empty_books(postgres: "Postgres") -> str:
    """A database with our tables in it, to be copied: the schema's steps take longer than a test."""
    from host.db import engine

    engine.create_or_open(postgres.create("empty_books"))
    return "empty_books"


@pytest.fixture
def books_url(postgres: "Postgres", empty_books: str) -> str:
    """A new database with our tables, which `init` has still to fill."""
    number = next(_numbers)
    postgres.drop(f"test_{number - 1}")
    return postgres.create(f"test_{number}", empty_books)


@pytest.fixture
def durable_postgres() -> Iterator["Postgres"]:
    """PostgreSQL for this test alone, which keeps what was committed when it is killed."""
    with running_postgres(fast=False) as server:
        yield server


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """Bound, not listening: connections are refused, and nobody else can take it meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])
