"""An act is done once for its operator's key: begun, done, its answer kept for ever.

The same key with the same content gets the same answer; with other content it is refused. What is refused
did nothing, or left something that the same act finishes when it is asked again, so a refusal is not kept.
What an act books carries its number as reference, which the books take once: a host that was killed in
between does nothing twice.
"""

import hashlib
import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from host import clock
from host.cards.terms import RegistryError
from host.db.connection import Connection
from host.db.engine import Database
from host.errors import Refused
from host.ledger.terms import LedgerError
from host.operators import Operator

if TYPE_CHECKING:  # the web process looks at what acts left, and loads nothing that has to do with keys
    from host.cards.keeper import Keeper
    from host.cards.readers import CardConnection

KEY_MAX = 64


@dataclass(frozen=True)
class Counter:
    """Where acts are done. reader: the card on a reader, by its name, with Refused for what goes wrong; push:
    what changed goes to the kiosks; look: the UID of whatever card lies on a reader, of any kind."""

    database: Database
    keeper: "Keeper"
    reader: "Callable[[str], AbstractContextManager[CardConnection]]"
    push: Callable[[], None]
    look: Callable[[str], bytes]


@dataclass(frozen=True)
class Act:
    """One act under way."""

    id: int
    kind: str
    operator: Operator
    asked: dict[str, Any]

    @property
    def who(self) -> str:
        """The operator's name in the books."""
        return self.operator.owner

    @property
    def reason(self) -> str:
        """Why, as the clerk says."""
        return str(self.asked.get("reason", ""))

    @property
    def reference(self) -> str:
        """By what the books know what it does."""
        return f"act:{self.id}"


class Waits(Exception):
    """The act waits for a second person; approval: its JSON."""

    def __init__(self, approval: dict[str, Any]) -> None:
        super().__init__(approval["id"])
        self.approval = approval


Doing = Callable[[Counter, Act], dict[str, Any]]
_running: set[tuple[str, str]] = set()
_lock = threading.Lock()


def must_be_a_key(key: object) -> str:
    """The client's own name for what it asks; Refused."""
    if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
        sentence = f"Send a key of your own for this act, 1 to {KEY_MAX} ASCII characters: Idempotency-Key."
        raise Refused(400, "key", sentence)
    return key


def run(
    counter: Counter, operator: Operator, kind: str, key: object, asked: dict[str, Any], do: Doing
) -> dict[str, Any]:
    """The act's answer; {"waits": approval} while it waits for a second person. Refused."""
    key = must_be_a_key(key)
    name = (operator.name, key)
    with _lock:
        if name in _running:
            raise Refused(409, "key-busy", "The same is being done just now: wait, then ask for it again.")
        _running.add(name)
    try:
        return _run(counter, operator, kind, key, asked, do)
    except Waits as waits:
        return {"waits": waits.approval}
    except RegistryError as error:
        raise Refused(409, error.code, str(error)) from None
    except LedgerError as error:
        raise Refused(409, "books", f"The books refuse: {error}.") from None
    finally:
        with _lock:
            _running.discard(name)


def _run(
    counter: Counter, operator: Operator, kind: str, key: str, asked: dict[str, Any], do: Doing
) -> dict[str, Any]:
    with counter.database.write() as connection:
        number, answer = _begin(connection, operator, kind, key, asked)
    if answer is not None:
        return answer
    answer = do(counter, Act(number, kind, operator, asked))
    answer |= {"act": number, "operator": operator.name, "at": clock.now_s()}
    with counter.database.write() as connection:
        connection.execute(
            "INSERT INTO desk_answers (act, answer, at_s) VALUES (?, ?, ?)",
            (number, json.dumps(answer, ensure_ascii=False), clock.now_s()),
        )
    return answer


def _begin(
    connection: Connection, operator: Operator, kind: str, key: str, asked: dict[str, Any]
) -> tuple[int, dict[str, Any] | None]:
    digest = hashlib.sha256(json.dumps([kind, asked], sort_keys=True).encode()).digest()
    content = json.dumps(asked, ensure_ascii=False)
    row = connection.execute(
        "SELECT a.id, a.sha256, r.answer FROM desk_acts a LEFT JOIN desk_answers r ON r.act = a.id"
        " WHERE a.operator = ? AND a.key = ?",
        (operator.name, key),
    ).fetchone()
    if row is None:
        made = connection.execute(
            "INSERT INTO desk_acts (operator, key, kind, sha256, asked, began_at_s) VALUES (?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            (operator.name, key, kind, digest, content, clock.now_s()),
        ).fetchone()
        return made["id"], None
    if bytes(row["sha256"]) != digest:
        raise Refused(409, "key-used", "This key stands for another act already: take a new one.")
    return row["id"], None if row["answer"] is None else json.loads(row["answer"])
