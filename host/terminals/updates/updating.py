"""What a kiosk is told of an update and says of it: its offer, pieces of the image, how it ended."""

from typing import Any

from host.cards.keeper import Keeper
from host.db.connection import Connection
from host.terminals.fleet import kiosks
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.updates import images, newest, rollouts
from host.terminals.updates.members import FAILURES
from host.terminals.updates.newest import Rollout
from protocol.wire import image, updates


class Rolling:
    """The roll-out that goes on, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self.rollout: Rollout | None = newest.current(connection)
        self._header = b""
        if self.rollout is not None:
            self._header = images.part(connection, self.rollout.version, 0, image.SIZE)

    def offer(self, connection: Connection, keeper: Keeper, kiosk: Kiosk, runs: int) -> dict[str, Any] | None:
        """The fields of what it is to be offered: nothing when it is in no stage, or its end is known."""
        if self.rollout is None or runs >= self.rollout.version:
            return None
        if not rollouts.is_waited_for(connection, self.rollout.id, kiosk.number):
            return None
        secret = keeper.kiosk_secret(kiosk.name, kiosk.number, kiosk.issue)
        mac = updates.mac(secret, self._header)
        return {"rollout": self.rollout.id, "header": self._header, "mac": mac}


def pieces(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of what it asked for; nothing when that roll-out does not go on, or not for this kiosk."""
    running = newest.current(connection)
    if running is None or running.id != said["rollout"] or not _is_in_session(connection, kiosk, said):
        return []
    if not rollouts.is_waited_for(connection, running.id, kiosk.number):
        return []
    at, found = said["offset"], []
    end = updates.piece_end(at) + (said["pieces"] - 1) * updates.PIECE_MAX
    content = images.part(connection, running.version, at, end - at)
    while content:
        size = updates.piece_end(at) - at
        found.append({"rollout": running.id, "offset": at, "data": content[:size]})
        at, content = at + size, content[size:]
    return found


def updated(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> None:
    """What runs and how far it is. Who is in the next stage by that hears of it at its next hello."""
    if kiosk.kind != kiosks.KIOSK or not _is_in_session(connection, kiosk, said):
        return
    connection.execute("UPDATE kiosk_sessions SET runs = ? WHERE kiosk = ?", (said["runs"], kiosk.number))
    state, running = said["state"], newest.current(connection)
    if running is None:
        return
    if said["runs"] >= running.version and state != updates.TRYING:
        state = updates.CONFIRMED  # whoever brought it there
        rollouts.heard(connection, running.id, kiosk.number, state, "")
    elif (said["rollout"], said["image"]) == (running.id, running.version) and state != updates.CONFIRMED:
        rollouts.heard(connection, running.id, kiosk.number, state, said["reason"])
    if state in FAILURES:  # what goes well has time until somebody looks after it
        rollouts.carry_on(connection)


def _is_in_session(connection: Connection, kiosk: Kiosk, said: dict[str, Any]) -> bool:
    return bool(kiosks.session_row(connection, kiosk.number)["nonce"] == said["nonce"])
