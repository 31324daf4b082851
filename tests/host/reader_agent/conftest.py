import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.broker import Broker
from simulator.leash import Leash
from simulator.reader import Field, Pn532, PtyReader
from tests.host.process import Host
from tests.host.reader_agent.running import AgentProcess, post, there
from tests.waiting import until

Run = Callable[..., AgentProcess]


@pytest.fixture
def field() -> Field:
    return Field()


@pytest.fixture
def tty(field: Field) -> Iterator[str]:
    with PtyReader(Pn532(field)) as reader:
        yield f"tty:{reader.path}"


@pytest.fixture
def bundle(host: Host, broker: Broker, tmp_path: Path) -> Path:
    """Of a reader that is registered."""
    status, made = post(host, "/readers", name="DESK1", broker_port=broker.port)
    assert status == 201
    path = tmp_path / "DESK1.bundle"
    path.write_bytes(base64.b64decode(made["bundle"]))
    return path


@pytest.fixture
def run(leash: Leash) -> Iterator[Run]:
    """run(bundle, reader): agents; whatever still runs is killed at the end."""
    started: list[AgentProcess] = []

    def one(bundle: Path, reader: str, environment: dict[str, str] | None = None) -> AgentProcess:
        started.append(AgentProcess(bundle, reader, leash, environment))
        return started[-1]

    yield one
    for agent in started:
        agent.close()


@pytest.fixture
def agent(run: Run, bundle: Path, tty: str, host: Host) -> AgentProcess:
    """On a PN532, and welcomed."""
    agent = run(bundle, tty)
    agent.says("the host is there")
    until(lambda: there(host)["online"])
    return agent
