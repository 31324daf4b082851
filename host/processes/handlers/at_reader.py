"""The card on a desk reader, for a handler: what goes wrong with it is said as an answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from host.cards.loads import LoadUnknown
from host.cards.readers import CardConnection, CardGone, NoCard, ReaderError
from host.cards.registry import RegistryError
from host.cards.terms import NotPersonalisable
from host.errors import Refused
from host.service import Service
from protocol.card.apdu import CardError
from protocol.card.purse import NotOurs


def look(service: Service, reader: str) -> bytes:
    """The UID of whatever card lies on this reader; Refused."""
    try:
        return service.look(reader)
    except NoCard as error:
        raise Refused(409, "no-card", str(error)) from None
    except ReaderError as error:
        raise Refused(503, "reader", str(error)) from None


@contextmanager
def card(service: Service, reader: str) -> Iterator[CardConnection]:
    """One session with the card on this reader; Refused for all that can go wrong inside."""
    try:
        with service.reader(reader) as connection:
            yield connection
    except NoCard as error:
        raise Refused(409, "no-card", str(error)) from None
    except ReaderError as error:
        raise Refused(503, "reader", str(error)) from None
    except RegistryError as error:
        raise Refused(409, error.code, str(error)) from None
    except NotPersonalisable as error:
        raise Refused(409, "foreign-card", str(error)) from None
    except LoadUnknown as error:
        raise Refused(409, "load-pending", str(error)) from None
    except CardGone:
        raise Refused(
            409, "card-gone", "The card left too early: put it back and ask for the same again."
        ) from None
    except (CardError, NotOurs) as error:
        raise Refused(422, "card", f"The card does not do what it should: {error}.") from None
