"""What passes: messages of the broker, word that kiosks have to be told something, messages for them."""

from typing import NamedTuple

from protocol.wire import envelope

Down = tuple[str, bytes]  # topic, payload


class Incoming(NamedTuple):
    """A message from the broker; mark: by what the line knows it when it is released."""

    topic: str
    payload: bytes
    mark: object = None
    dropped: int = 0  # size of a payload that is not kept because it is too large


class Push(NamedTuple):
    """Something changed: send every kiosk, or this one, what it has not confirmed."""

    only: int | None = None


def small(items: list[Incoming]) -> list[Incoming]:
    """Of messages that are too big to be ours only the place is kept."""
    return [
        item if len(item.payload) <= envelope.SIZE_MAX and not item.dropped else _place(item)
        for item in items
    ]


def _place(item: Incoming) -> Incoming:
    dropped = item.dropped or len(item.payload)
    return item._replace(topic=item.topic[:128], payload=b"", dropped=dropped)
