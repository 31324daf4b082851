"""The MQTT broker of the simulated world: mosquitto where it is installed, else iotcore, which pip brings.

Anonymous and without TLS, on 127.0.0.1 only: what the books believe rests on the MAC of each message, not on
the broker. iotcore could not do better (it enforces neither certificates nor topics); the page says so.
"""

import getpass
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from simulator.child import Child, ChildError
from simulator.leash import Leash

_READY_TIMEOUT_S = 30.0
_TRIES = 3
_SBIN = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"

# rumqttd's default of 100 messages in flight slows a host that acknowledges after its commit.
_IOTCORE = (
    "import sys; sys.path[:] = [p for p in sys.path if p not in ('', '.')]; "
    "from iotcore.iotcore import IotCoreBroker as B; "
    "B(listen='127.0.0.1', port=int(sys.argv[1]), max_inflight_count=5000).run_forever()"
)


def find_mosquitto() -> str | None:
    """Path of mosquitto; Debian keeps it where a user's PATH does not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_SBIN)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Does someone accept connections on this port of 127.0.0.1?"""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


class Broker:
    """One broker on one port, which stays the same over stop and start. `kind` is mosquitto or iotcore.

    `conf`: makes mosquitto's configuration for a port, in place of ours.
    """

    def __init__(
        self,
        folder: Path,
        leash: Leash,
        kind: str | None = None,
        conf: Callable[[int], str] | None = None,
    ) -> None:
        self._mosquitto = find_mosquitto()
        if kind == "mosquitto" and self._mosquitto is None:
            raise ChildError("the MQTT broker mosquitto is not installed: apt install mosquitto")
        if kind not in (None, "mosquitto", "iotcore"):
            raise ChildError(
                f"no MQTT broker is called {kind!r}: TAPLEDGER_BROKER is mosquitto, mosquitto-tls or iotcore"
            )
        self.kind = kind or ("mosquitto" if self._mosquitto else "iotcore")
        self.port = free_port()
        self._folder = folder
        self._was_up = False
        self._conf = conf or _plain
        self._child = Child(f"the MQTT broker {self.kind}", folder / "broker.log", leash)

    @property
    def alive(self) -> bool:
        return self._child.alive

    def start(self) -> None:
        """Returns when it accepts connections; ChildError when it does not."""
        for attempt in range(_TRIES):
            if attempt and not self._was_up:
                self.port = free_port()  # someone else may have taken it in between; nobody was told ours yet
            self._child.start(self._command())
            if self._ready():
                self._was_up = True
                return
            why = self._child.last_words()
            self._child.kill()
        raise ChildError(
            f"the MQTT broker {self.kind} did not start on 127.0.0.1:{self.port}: "
            f"{why or 'no reason given'}. Its log is {self._folder / 'broker.log'}; "
            "TAPLEDGER_BROKER=mosquitto or TAPLEDGER_BROKER=iotcore picks another one."
        )

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """SIGKILL: what it held for others is gone."""
        self._child.kill()

    def _ready(self) -> bool:
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline and self._child.alive:
            if listens(self.port):
                return True
            time.sleep(0.01)
        return False

    def _command(self) -> list[str]:
        if self.kind == "iotcore":
            return [sys.executable, "-c", _IOTCORE, str(self.port)]
        conf = self._folder / "mosquitto.conf"
        # started by root it would become another user, who may not read what is root's
        conf.write_text(f"{self._conf(self.port)}user {getpass.getuser()}\n", encoding="utf-8")
        return [str(self._mosquitto), "-c", str(conf)]


def _plain(port: int) -> str:
    return (
        f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n"
        "max_queued_messages 0\n"  # no limit: a kiosk may come back with a day of sales
        "max_inflight_messages 0\n"  # the host acknowledges after its commit
        "log_dest stderr\nlog_type error\nlog_type warning\n"
    )
