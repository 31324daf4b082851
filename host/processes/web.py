"""The web process: gunicorn with threads over the API and the clerk's page. It holds no key.

A program of its own (`python -m host.processes.web SETTINGS`), started by exec: nothing of the supervisor's
memory comes along, only the descriptors named in its settings.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLogger

from host import log
from host.api.app import create_app
from host.db import engine, whereabouts
from host.db.engine import Database
from host.intercom import SOCKET_NAME
from host.intercom.client import Caller, News
from host.processes import parent
from host.processes.settings import Settings
from host.processes.worker import Worker
from host.web import app as pages

THREADS = 32
GRACE_S = 10


class Logger(GunicornLogger):  # type: ignore[misc, unused-ignore]
    """Lets gunicorn's lines pass through our handler instead of its own."""

    def setup(self, cfg: Any) -> None:
        """Called by gunicorn once."""
        self.error_log.handlers[:] = []
        self.error_log.propagate = True
        self.error_log.setLevel("WARNING")
        self.access_log.handlers[:] = []
        self.access_log.propagate = False


class Web(BaseApplication):  # type: ignore[misc, unused-ignore]
    """Gunicorn's application with our settings. Paths are short: we work in the data folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database: Database | None = None
        self._news: News | None = None
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        settings: dict[str, Any] = {
            "bind": f"fd://{self._settings.port}",
            "worker_class": Worker,
            "workers": 1,
            "threads": THREADS,
            "graceful_timeout": GRACE_S,
            "timeout": 60,
            "keepalive": 5,
            "logger_class": Logger,
            "when_ready": self._when_ready,
            "post_fork": self._post_fork,
            "post_worker_init": self._post_worker_init,
            "worker_exit": self._worker_exit,
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application; called in the worker."""
        self._database = engine.open_existing(whereabouts.place(Path(".")), read_only=True)
        self._news = News(Path(SOCKET_NAME), self._database.bell)
        self._news.start()
        intake = Caller(Path(SOCKET_NAME))
        app = create_app(self._database, intake)
        pages.hang(app, self._database, intake, self._settings.readers)
        return app

    def _when_ready(self, _server: Any) -> None:
        _leave_to_the_supervisor()

    def _post_fork(self, _server: Any, worker: Any) -> None:
        parent.die_with(worker.ppid)

    def _post_worker_init(self, worker: Any) -> None:
        database = self._database
        assert database is not None
        _leave_to_the_supervisor()
        for number in (signal.SIGTERM, signal.SIGQUIT):
            _before(number, database.bell.close)  # streams end, so that the server can finish its requests
        threading.Thread(target=self._follow, args=(worker.ppid,), name="lifeline", daemon=True).start()
        os.write(self._settings.ready, b"w")

    def _follow(self, arbiter: int) -> None:
        parent.outlived(self._settings.lifeline)
        os.kill(arbiter, signal.SIGTERM)

    def _worker_exit(self, _server: Any, _worker: Any) -> None:
        if self._news is not None:
            self._news.stop()


def _leave_to_the_supervisor() -> None:
    """Ctrl-C and a closed terminal go to the whole group; the supervisor says in which order we end."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _before(number: int, action: Callable[[], None]) -> None:
    """Do something of ours before a signal's present handler."""
    present = signal.getsignal(number)

    def handler(received: int, frame: FrameType | None) -> None:
        action()
        if callable(present):
            present(received, frame)

    signal.signal(number, handler)


def main() -> None:
    """Serve until the supervisor sends SIGTERM or dies."""
    settings = Settings.from_argument(sys.argv[1])
    log.configure(settings.log_format)
    parent.die_with(settings.supervisor)
    os.chdir(settings.data)
    Web(settings).run()


if __name__ == "__main__":
    main()
