"""What bounds sales that the host does not see: a card emulated with a stolen kiosk's keys looks genuine."""

from kiosk.reading import Refused
from kiosk.reports import is_exposed

HOUR_S = 3600


def must_be_listed(teller) -> None:  # type: ignore[no-untyped-def]
    """Do lists that are young enough vouch for the opened purse? Refused with the reason."""
    settings, opened = teller.settings, teller.purse
    if settings.list_lost:
        raise Refused("stale")
    if teller.link.age.seconds > settings.config["offline_max_age_h"] * HOUR_S:
        raise Refused("old")
    if not settings.allowed.holds(opened.uid, opened.data):
        raise Refused("unlisted")
    teller.vouched = True


def must_be_allowed(teller) -> None:  # type: ignore[no-untyped-def]
    """May the opened purse pay `teller.price_fen` now? Refused with the reason."""
    must_be_listed(teller)
    config = teller.settings.config
    total_fen, card_fen, card_count = exposure(teller.journal, teller.purse.uid)
    if total_fen + teller.price_fen > config["offline_total_fen"]:
        raise Refused("limit")
    if card_fen + teller.price_fen > config["offline_card_fen"] or card_count >= config["offline_card_count"]:
        raise Refused("card_limit")


def exposure(journal, uid: bytes) -> tuple[int, int, int]:  # type: ignore[no-untyped-def]
    """What was or may have been debited and the host has not acknowledged -> (fen of all cards, fen of this
    one, its sales). From flash alone, so a power cut takes nothing off."""
    total_fen = card_fen = card_count = 0
    for values in journal.wanted():
        if is_exposed(values):
            total_fen += values["amount_fen"]
            if values["uid"] == uid:
                card_fen += values["amount_fen"]
                card_count += 1
    return total_fen, card_fen, card_count
