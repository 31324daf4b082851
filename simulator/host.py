"""The host as a separate process, and its API as the front desk would use it.

The simulator never imports host/: it starts `python -m host`, reads the operator token from the data folder
as an operator would, and speaks HTTP.
"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator.child import Child, ChildError, run_to_end
from simulator.front_desk import named
from simulator.leash import Leash

_READY_TIMEOUT_S = 60.0
_REQUEST_TIMEOUT_S = 20.0
_COMMAND_TIMEOUT_S = 60.0


class HostRefusal(RuntimeError):
    """The host answered with an error: `status` of HTTP, `code` a word, str() its sentence."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


class HostDown(RuntimeError):
    """No answer from the host: it is not running, or went away in the middle."""


class HostProcess:
    """`python -m host` on one data folder and one broker. Its HTTP port is new at every start.

    desk: the tty of the reader that the clerk's page offers; people: with the two operators of a demo.
    """

    def __init__(
        self, data: Path, broker_port: int, leash: Leash, desk: str | None = None, people: bool = False
    ) -> None:
        self.data = data
        self._desk, self._people = desk, people
        self.port, self.broker_port = 0, broker_port
        self.options: list[str] = []  # more of `serve`
        self._ready_file = data / "ready.json"
        self._child = Child("the host", data / "host.log", leash)
        self._clock = data / "clock"
        self._env = {**os.environ, "TAPLEDGER_CLOCK": str(self._clock)}

    @property
    def alive(self) -> bool:
        return self._child.alive

    def prepare(self) -> None:
        """Make database and keys when there are none; ChildError."""
        made, more = ("demo-operators", ["--people"]) if self._people else ("operator-token", [])
        if not (self.data / made).exists():
            self.command(["init", "--data", str(self.data), "--demo", *more])

    def start(self) -> None:
        """Serve, and return when HTTP answers; ChildError."""
        self.prepare()
        self._ready_file.unlink(missing_ok=True)
        self._child.start(
            [
                *(sys.executable, "-m", "host", "serve", "--data", str(self.data), "--port", "0"),
                *("--mqtt", f"127.0.0.1:{self.broker_port}", "--ready-file", str(self._ready_file)),
                *self.options,
                *(["--reader", named(self.data, self._desk)] if self._desk else []),
            ],
            self._env,
        )
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline and self._child.alive:
            self.port = self._ready_port()
            if self.port:
                return
            time.sleep(0.01)
        why = self._child.last_words()
        self._child.kill()
        log = self.data / "host.log"
        raise ChildError(f"the host does not start: {why or 'no reason given'} (log: {log})")

    def stop(self) -> None:
        """Let it finish what it holds, then end."""
        self._child.stop()

    def kill(self) -> None:
        """kill -9, as when its machine loses power."""
        self._child.kill()

    def advance_clock(self, by_s: int) -> None:
        """From now on its clock is so much further on, over restarts too."""
        ahead_s = int(self._clock.read_text(encoding="ascii")) if self._clock.exists() else 0
        spare = self._clock.with_suffix(".new")
        spare.write_text(str(ahead_s + by_s), encoding="ascii")
        os.replace(spare, self._clock)

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def post(self, path: str, **body: object) -> Any:
        return self.request("POST", path, body)

    def act(self, act: str, key: str, body: Mapping[str, object], token: str | None = None) -> Any:
        """An act at the desk: once for this key. token: of the operator, else the machine's."""
        return self.request("POST", f"/desk/{act}", body, token, {"Idempotency-Key": key})

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """JSON of the answer; HostRefusal for an error answer, HostDown for none."""
        try:
            with self._open(method, path, body, _REQUEST_TIMEOUT_S, token, headers) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise HostDown(f"the host does not answer {method} {path}: {error}") from error

    def ledger_lines(self, after: int) -> Iterator[dict[str, Any]]:
        """Ledger lines as they are booked, for as long as the host lives; HostDown when the stream ends."""
        try:
            with self._open("GET", f"/ledger/stream?after={after}", None, None) as stream:
                for raw in stream:
                    line = raw.strip()
                    if line.startswith(b"data:"):
                        yield json.loads(line[5:])
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise HostDown(f"the ledger stream ended: {error}") from error
        raise HostDown("the ledger stream ended")

    def verify(self) -> dict[str, Any]:
        """`python -m host verify --json` -> {ok, checks: [...], cards: [...]}."""
        out = self.command(["verify", "--data", str(self.data), "--json"], good=(0, 1))
        try:
            result = json.loads(out)
        except ValueError:
            raise ChildError(f"host verify gave no JSON: {out[-200:]!r}") from None
        if not isinstance(result, dict):
            raise ChildError("host verify gave no JSON object")
        return result

    def _open(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        timeout_s: float | None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        if not self.port:
            raise OSError("it has not been started")
        token = token or (self.data / "operator-token").read_text(encoding="ascii").strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                **(headers or {}),
            },
        )
        # No proxy of the environment may come between: both ends are on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(request, timeout=timeout_s)

    def _ready_port(self) -> int:
        try:
            return int(json.loads(self._ready_file.read_text(encoding="utf-8"))["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def command(self, args: list[str], good: tuple[int, ...] = (0,)) -> str:
        """Run `python -m host ARGS` to its end -> standard output; ChildError with its last line."""
        argv = [sys.executable, "-m", "host", *args]
        return run_to_end(f"host {args[0]}", argv, _COMMAND_TIMEOUT_S, good, env=self._env)


def _refusal(error: urllib.error.HTTPError) -> HostRefusal:
    try:
        body = json.loads(error.read())
        return HostRefusal(error.code, str(body["code"]), str(body["error"]))
    except (ValueError, KeyError, TypeError, OSError):
        return HostRefusal(error.code, "http", f"the host answered {error.code} {error.reason}")
