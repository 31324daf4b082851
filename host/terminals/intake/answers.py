"""What is said of a batch: the acknowledgements go down, then the broker may forget its messages.

Of a batch that was committed without waiting for the disk that is once the disk has it. A thread of its own
waits for that, while the writer books the next one; the writer answers, so that all go in their order.
"""

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

import structlog

from host.db.engine import Database
from host.terminals.line.traffic import Down

WAITING_MAX = 8  # batches: a disk takes some syncs ten times as long as most, and one does for several
_log = structlog.get_logger()


class Answers:
    """For the writer alone. A few batches wait for the disk. See Intake for send and release."""

    def __init__(
        self,
        database: Database,
        send: Callable[[list[Down]], None],
        release: Callable[[list[object]], None],
    ) -> None:
        self._database = database
        self._send = send
        self._release = release
        self._waiting: deque[tuple[list[Down], list[object]]] = deque()
        self._thread: threading.Thread | None = None
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._told: SimpleQueue[int | Exception] = SimpleQueue()  # how many more batches the disk has

    def start(self) -> None:
        """Begin to wait for the disk, where commits need not. Not from the writer's thread: the new one would
        have the writer's cores."""
        if self._database.can_wait:
            self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
            self._thread.start()

    @property
    def may_wait(self) -> bool:
        """May a batch be committed without waiting?"""
        return self._thread is not None

    def add(self, down: list[Down], marks: list[object], later: bool) -> None:
        """Of a batch that was committed; later: without waiting. Those that the disk has are answered.

        Unsynced: the disk may never have some of them, and these are not answered.
        """
        if not later:
            self.settle()
            self._answer(down, marks)
            return
        self._waiting.append((down, marks))
        self._asked.put(True)
        while len(self._waiting) > WAITING_MAX or not self._told.empty():
            self._answer_those_on_disk()

    def settle(self) -> None:
        """What waits is on the disk, and answered; Unsynced as for add()."""
        while self._waiting:
            self._answer_those_on_disk()

    def close(self) -> None:
        """All is answered, and the thread ends."""
        self.settle()
        if self._thread is not None:
            self._asked.put(False)
            self._thread.join()

    def _answer_those_on_disk(self) -> None:
        """Once there are some that have not been answered."""
        told = self._told.get()
        if isinstance(told, Exception):
            self._waiting.clear()
            raise told
        for _ in range(told):
            self._answer(*self._waiting.popleft())

    def _run(self) -> None:
        while self._asked.get():
            batches = 1
            while not self._asked.empty():  # one sync for all that were committed during the one before
                batches += self._asked.get()
            try:
                self._database.settle()
                self._told.put(batches)
            except Exception as error:
                self._told.put(error)

    def _answer(self, down: list[Down], marks: list[object]) -> None:
        """What is booked stays booked, whatever becomes of the answer: a kiosk that hears none asks again."""
        try:
            self._send(down)
            self._release(marks)
        except Exception:
            _log.exception("an answer could not be sent", messages=len(marks))
