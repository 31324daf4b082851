"""The agent as a process, as it runs on a clerk's PC, and the calls of the clerk's page."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.card.contactless import ContactlessCard
from simulator.leash import Leash, end_group
from simulator.reader import Field
from tests.host.process import Host
from tests.waiting import until

SECONDS = 30
I_BLOCK, I_MASK = 0x02, 0xE2  # PCB, ISO 14443-4, 7.1.1.1


class AgentProcess:
    """A running `tapledger reader`."""

    def __init__(
        self, bundle: Path, reader: str, leash: Leash, environment: dict[str, str] | None = None
    ) -> None:
        self._log = bundle.with_suffix(".log")
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "host", "reader", "--bundle", str(bundle), "--reader", reader,
                 "--log-format", "json"],
                stderr=log, start_new_session=True, env=environment,
            )  # fmt: skip
        self._leash = leash
        leash.hold(self.process.pid)

    def said(self) -> list[str]:
        """The events of its log, in order."""
        lines = [line for line in self._log.read_text().splitlines() if line.startswith("{")]
        return [str(json.loads(line)["event"]) for line in lines]

    def log(self) -> str:
        """As it is, with the fields of each event."""
        return self._log.read_text()

    def says(self, event: str, count: int = 1) -> None:
        """Comes to say this so many times."""
        until(lambda: sum(event in said for said in self.said()) >= count)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def close(self) -> None:
        end_group(self.process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)
        self._leash.release(self.process.pid)


def post(host: Host, path: str, key: str | None = None, **body: Any) -> tuple[int, dict[str, Any]]:
    """(status, answer), whatever it is."""
    token = (host.data / "operator-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}", **({} if key is None else {"Idempotency-Key": key})}
    request = urllib.request.Request(
        f"http://127.0.0.1:{host.port}/api/v1{path}", json.dumps(body).encode(), headers
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def there(host: Host, name: str = "DESK1") -> dict[str, Any]:
    """What GET /readers says of a reader on a PC, asked again while the intake is being restarted."""
    heard: dict[str, Any] = {}

    def is_heard() -> bool:
        try:
            heard.update(host.get("/readers"))
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
        return bool(heard)

    until(is_heard)
    (one,) = [one for one in heard["readers"] if one["name"] == f"terminal:{name}"]
    return dict(one)


def lies(host: Host, card: ContactlessCard, name: str = "DESK1") -> None:
    """The host knows that this card lies there."""
    until(lambda: (there(host, name)["card"] or {}).get("uid") == card.uid.hex().upper())


class At:
    """Does something once, when the card has been sent its I-block number n from now on."""

    def __init__(self, field: Field, n: int, what: Callable[[], object]) -> None:
        self._left, self._what = n, what
        field.frame_listeners.append(self._heard)

    def _heard(self, _card: object, frame: bytes, _answer: object) -> None:
        if frame and frame[0] & I_MASK == I_BLOCK:
            self._left -= 1
            if self._left == 0:
                self._what()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
