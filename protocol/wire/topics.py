"""MQTT topics: tapledger/v1/<kiosk>/up | relay | down | status."""

PREFIX = "tapledger/v1/"
UP_FILTER = PREFIX + "+/up"
RELAY_FILTER = PREFIX + "+/relay"
STATUS_FILTER = PREFIX + "+/status"


def of(kiosk: str, last: str) -> str:
    """A kiosk's topic by its last word."""
    return PREFIX + kiosk + "/" + last


def up(kiosk: str) -> str:
    """Where a kiosk publishes its messages."""
    return of(kiosk, "up")


def relay(kiosk: str) -> str:
    """Where a kiosk asks, and answers for a card: followed by one process of the host."""
    return of(kiosk, "relay")


def down(kiosk: str) -> str:
    """Where a kiosk listens."""
    return of(kiosk, "down")


def status(kiosk: str) -> str:
    """Retained: online, or offline by last will. A hint for people; the books never read it."""
    return of(kiosk, "status")


def kiosk_of(topic: str) -> str | None:
    """tapledger/v1/K1/up -> K1; None when the topic is not one of ours."""
    parts = topic.split("/")
    if len(parts) != 4 or parts[0] + "/" + parts[1] + "/" != PREFIX or not parts[2]:
        return None
    return parts[2]
