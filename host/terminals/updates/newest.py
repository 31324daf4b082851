"""The roll-out that goes on, and the last one however it ended."""

from typing import NamedTuple

from host import clock
from host.db.connection import Connection, Row
from host.terminals.updates.stages import Limits


class Rollout(NamedTuple):
    """One that goes on."""

    id: int
    version: int
    limits: Limits


class Last(NamedTuple):
    """The newest one; how: a phrase about where it is."""

    rollout: Rollout
    how: str


def current(connection: Connection) -> Rollout | None:
    """The one that goes on, if one does: none is begun while another goes on, so it is the newest."""
    row = _newest(connection)
    return _rollout(row) if row is not None and row["done"] is None else None


def last(connection: Connection) -> Last | None:
    """The newest roll-out, whether it goes on or not."""
    row = _newest(connection)
    if row is None:
        return None
    how = f"is being rolled out since {clock.text(row['at_s'])}, by {row['who']}"
    if row["done"] is not None:
        how = f"was stopped at {clock.text(row['end_s'])} by {row['by']}: {row['reason']}"
        if row["done"]:
            how = f"is on all kiosks since {clock.text(row['end_s'])}"
    return Last(_rollout(row), how)


def _newest(connection: Connection) -> Row | None:
    row: Row | None = connection.execute(
        "SELECT r.id, r.version, r.soak_s, r.silent_s, r.absent_s, r.who, r.at_s, e.done, e.reason,"
        " e.who AS by, e.at_s AS end_s FROM rollouts r LEFT JOIN rollout_ends e ON e.rollout = r.id"
        " ORDER BY r.id DESC LIMIT 1"
    ).fetchone()
    return row


def _rollout(row: Row) -> Rollout:
    return Rollout(row["id"], row["version"], Limits(row["soak_s"], row["silent_s"], row["absent_s"]))
