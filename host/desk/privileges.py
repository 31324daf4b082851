"""How a card's holder is greeted."""

from typing import Any

from host.cards import notes
from host.desk import looking
from host.desk.acts import Act, Counter


def note(counter: Counter, act: Act) -> dict[str, Any]:
    """What is not named stays as it was noted."""
    with counter.database.write() as connection:
        card = looking.named(connection, act.asked["uid"])
        notes.write(connection, card, act.asked.get("tier"), act.asked.get("birthday"), act.who)
        return looking.card(connection, card)
