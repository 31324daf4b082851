"""Customers who have not chosen yet what they pay, and those who choose anew."""


class Waiting:
    """What keeps a customer who has not chosen yet: is the kiosk called away, and what changed?"""

    def __init__(self, teller) -> None:  # type: ignore[no-untyped-def]
        self._teller = teller
        if teller.tapped:  # it came while the last outcome was shown
            teller.tapped = False
            teller.presence.may_return()

    @property
    def over(self) -> bool:
        """Something else is wanted of this kiosk, or a newer configuration waits."""
        teller = self._teller
        return teller.called_away() or teller.settings.next is not None

    async def card(self) -> bool:
        """Look once: is there a card, too early? It may be served as soon as something was chosen."""
        presence = self._teller.presence
        if not await presence.look():
            return False
        presence.may_return()
        return True


def unchosen(teller) -> bool:  # type: ignore[no-untyped-def]
    """Does a key say that the choice was wrong? Another button of the price list is the next choice."""
    key = teller.front.key()
    if teller.label and key and key not in "BCDE":
        teller.front.keys = key + teller.front.keys
        return True
    return key != "" and key in "BC*"
