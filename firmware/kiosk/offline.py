"""What bounds sales that the host does not see: a card emulated with a stolen kiosk's keys looks genuine."""

from kiosk import allowed
from kiosk.reading import Refused

HOUR_S = 3600


def must_be_listed(teller) -> None:  # type: ignore[no-untyped-def]
    """Do lists that are young enough vouch for the opened purse? Refused with the reason."""
    settings, opened = teller.settings, teller.purse
    if settings.list_lost:
        raise Refused("stale")
    if teller.link.age.seconds > settings.config["offline_max_age_h"] * HOUR_S:
        raise Refused("old")
    if not allowed.holds(settings, opened.uid, opened.data):
        raise Refused("unlisted")
    teller.vouched = True


def must_be_allowed(teller) -> None:  # type: ignore[no-untyped-def]
    """May the opened purse pay `teller.price_fen` now? Refused with the reason."""
    must_be_listed(teller)
    config = teller.settings.config
    if teller.journal.exposed_fen + teller.price_fen > config["offline_total_fen"]:
        raise Refused("limit")
    card_fen, card_count = teller.journal.exposed_of(teller.purse.uid)
    if card_fen + teller.price_fen > config["offline_card_fen"] or card_count >= config["offline_card_count"]:
        raise Refused("card_limit")
