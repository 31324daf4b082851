"""What a connection can do, whichever engine is behind it: one dialect of SQL, and writing many rows at once.

Parameters are `?`. Rows are read by name or by position. SQL of ours keeps to what SQLite and PostgreSQL
share; where they differ, the constants below stand for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple, Protocol

Parameters = Sequence[Any]
Kinds = tuple[type[Exception], ...]


class Raised(NamedTuple):
    """What an engine's driver raises."""

    faults: Kinds  # all of it
    breaches: Kinds  # of a rule of the schema
    of_the_values: Kinds  # of a statement or a value, as opposed to its disk, its memory or its server
    collisions: Kinds = ()  # nothing is wrong: do it again


# Of the engines in use here: PostgreSQL's driver takes longer to load than all that SQLite's books need.
_raised: list[Raised] = []


def raises(raised: Raised) -> None:
    """An engine's module says it once, when it is loaded."""
    _raised.append(raised)


def faults(*more: type[Exception]) -> Kinds:
    """The database's, whichever it is, and `more`; to be asked where something was raised."""
    return (*chain.from_iterable(raised.faults for raised in _raised), *more)


def breaches() -> Kinds:
    """Of a rule of the schema."""
    return tuple(chain.from_iterable(raised.breaches for raised in _raised))


def of_the_values() -> Kinds:
    """See Raised."""
    return tuple(chain.from_iterable(raised.of_the_values for raised in _raised))


def collisions() -> Kinds:
    """See Raised."""
    return tuple(chain.from_iterable(raised.collisions for raised in _raised))


class Row(Protocol):
    """One row: row["name"], row[0], dict(row), tuple(row)."""

    def __getitem__(self, key: Any, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def keys(self) -> Any: ...


class Cursor(Protocol):
    """What execute() gives."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(ABC):
    """Inside a transaction of host.db.engine."""

    dialect: str
    INTS: str  # in SQL: the list of integers that ints() packs
    TEXTS: str  # in SQL: the list of texts that texts() packs
    _memory: tuple[object, object] | None = None  # changes(), and what was remembered then
    synced: object = None  # of host.db.log: what pin() gave when all that was seen was on the disk
    LOCKED: str  # behind a SELECT: nobody else may change the rows of its table `a` until the commit

    @abstractmethod
    def begin(self, writes: bool, later: bool = False) -> None:
        """A transaction that may write, or one that sees a single state and writes nothing. later: its commit
        need not wait for the disk (SQLite; see host.db.log)."""

    @abstractmethod
    def roll_back(self) -> None:
        """Take back the transaction, if there is one."""

    @abstractmethod
    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """One statement."""

    @abstractmethod
    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT without their names: half the time, where there are millions."""

    @abstractmethod
    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """The rows of a query too many to hold, as they are asked for; meanwhile others may be asked."""

    def insert(self, table: str, columns: str, rows: Sequence[Parameters]) -> None:
        """Many rows; columns "a, b, c". All or an error."""
        self.insert_flat(table, columns, list(chain.from_iterable(rows)))

    @abstractmethod
    def insert_flat(self, table: str, columns: str, values: list[Any]) -> None:
        """The same, of values one row after the other: what comes by the thousand needs no row of its own."""

    @abstractmethod
    def update_flat(self, table: str, key: str, columns: str, values: list[int | None]) -> None:
        """Many rows of integers, one after the other: its key, the values of columns. No key twice."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """One statement for each row of parameters, in order."""

    @staticmethod
    @abstractmethod
    def ints(values: Iterable[int | None]) -> object:
        """The parameter for INTS."""

    @staticmethod
    @abstractmethod
    def texts(values: Iterable[str]) -> object:
        """The parameter for TEXTS."""

    @abstractmethod
    def close(self) -> None:
        """Give it back to the system."""

    @abstractmethod
    def changes(self) -> object:
        """Another value once anybody has written anything; None where that cannot be seen at once."""

    def pin(self) -> object:
        """In a transaction: it sees what there is now; another value once another connection wrote."""
        return None

    def remember(self, what: object) -> None:
        """At the end of a transaction: `what` it read and wrote, for the next one on this connection."""
        self._memory = (self.changes(), what)

    def remembered(self) -> Any:
        """What the transaction before remembered, if nobody has written anything since, else None."""
        memory, self._memory = self._memory, None  # whoever has it changes it
        if memory is None or memory[0] is None or memory[0] != self.changes():
            return None
        return memory[1]

    def forget(self) -> None:
        """The transaction was taken back."""
        self._memory = None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is taken back when it raises."""
        self.execute("SAVEPOINT inside")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO SAVEPOINT inside")
            self.execute("RELEASE SAVEPOINT inside")
            raise
        self.execute("RELEASE SAVEPOINT inside")
