"""The card in the only PC/SC reader, for a stranger's process."""

_services = []  # one that nobody holds disconnects its card


def connection():
    """Connected, once a card is there."""
    from smartcard.CardRequest import CardRequest
    from smartcard.CardType import AnyCardType

    service = CardRequest(timeout=10, cardType=AnyCardType()).waitforcard()
    _services.append(service)
    # Without the observers' wrapper, as both libraries look for the handle of the card itself.
    inner = service.connection.component
    inner.connect()
    return inner
