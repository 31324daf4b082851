"""Messages that prove nothing: counted by reason, a few kept to look at, never written anywhere else."""

import threading
import time
from collections import Counter, deque
from typing import Any

import structlog

from host import clock

SAMPLE_MAX = 50
LOG_EVERY_S = 10.0
_log = structlog.get_logger()


class Rejections:
    """Counters and a bounded sample, in memory; one log line in LOG_EVERY_S at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._sample: deque[dict[str, Any]] = deque(maxlen=SAMPLE_MAX)
        self._logged_at = -LOG_EVERY_S
        self._silent = 0

    def add(self, reason: str, topic: str, size: int, sentence: str) -> None:
        """One more. The topic is foreign text: cut, and only shown quoted."""
        with self._lock:
            self._counts[reason] += 1
            self._sample.append(
                {
                    "at": clock.now_s(),
                    "reason": reason,
                    "topic": topic[:128],
                    "size": size,
                    "sentence": sentence,
                }
            )
            now = time.monotonic()
            if now - self._logged_at < LOG_EVERY_S:
                self._silent += 1
                return
            self._logged_at, silent, self._silent = now, self._silent, 0
        _log.warning(
            "message refused", reason=reason, topic=topic[:128], size=size, sentence=sentence, unlogged=silent
        )

    def to_json(self) -> dict[str, Any]:
        """{counts: {reason: n}, sample: [...]}"""
        with self._lock:
            return {"counts": dict(self._counts), "sample": list(self._sample)}
