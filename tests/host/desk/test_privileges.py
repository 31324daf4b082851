"""How a card's holder is greeted: noted at the desk, one by one."""

from host.cards import notes
from tests.host.desk.counter import Desk
from tests.host.rig import Shop


def test_notes_are_kept_with_the_card_and_change_one_by_one(shop: Shop) -> None:
    desk = Desk(shop)
    clerk, card = desk.clerk(), shop.card(1000)
    uid = card.uid.hex()
    shown = desk.do(clerk, "note", uid=uid, tier="金卡", birthday="05-17")
    assert (shown["tier"], shown["birthday"], shown["points"]) == ("金卡", "05-17", None)
    assert desk.do(clerk, "note", uid=uid, birthday="")["tier"] == "金卡"
    assert shop.look(notes.of, card.uid, 1) == (3, "")
    assert desk.do(clerk, "note", uid=uid, tier="")["tier"] is None
    for wrong in ({"tier": "Gold"}, {"birthday": "5-17"}, {"birthday": "02-30"}, {"birthday": "13-01"}):
        status, _ = desk.refused(clerk, "note", uid=uid, **wrong)
        assert status == 409
