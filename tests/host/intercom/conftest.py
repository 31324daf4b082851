import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from host.db.bell import Bell
from host.errors import Refused
from host.intercom import SOCKET_NAME
from host.intercom.client import Caller
from host.intercom.server import Server, listen


class Intake:
    """A listening socket, and servers on it one after the other, as when the intake is started again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / SOCKET_NAME
        self.listener = listen(folder)
        self.go_on = threading.Event()
        self.asked: list[dict[str, Any]] = []
        self.servers: list[Server] = []

    def start(self) -> Bell:
        """The bell of the new one."""
        bell = Bell()
        calls: dict[str, Callable[[dict[str, Any]], Any]] = {
            "health": lambda asked: asked,
            "issue card": self.slowly,
            "presence": self.refuse,
            "rejections": self.fail,
            "report lost": self.break_off,
        }
        self.servers.append(Server(self.listener, calls, bell))
        self.servers[-1].start()
        return bell

    def stop(self) -> None:
        self.servers.pop().stop(5)

    def slowly(self, asked: dict[str, Any]) -> str:
        self.asked.append(asked)
        assert self.go_on.wait(20)
        return "done"

    def refuse(self, _asked: dict[str, Any]) -> None:
        raise Refused(409, "card-state", "Card 04 is lost.")

    def fail(self, _asked: dict[str, Any]) -> None:
        raise ZeroDivisionError("inner matters")

    def break_off(self, _asked: dict[str, Any]) -> None:
        raise apsw.FullError("database or disk is full")


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """Listening, not yet started."""
    intake = Intake(tmp_path)
    yield intake
    intake.go_on.set()
    while intake.servers:
        intake.stop()
    intake.listener.close()


@pytest.fixture
def caller(intake: Intake) -> Iterator[Caller]:
    caller = Caller(intake.path)
    yield caller
    caller.close()
