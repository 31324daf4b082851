import pytest

from simulator.card import ClassicCard, card_from_state


@pytest.mark.parametrize(
    ("uid", "atqa"),
    [("00000001", "0004"), ("0401020304050680"[:14], "0044"), ("04010203040506070809", "0084")],
)
def test_uids_of_every_length_are_told_whole(uid: str, atqa: str) -> None:
    card = ClassicCard(bytes.fromhex(uid))
    assert card.atqa.hex() == atqa and card.sak == 0x08
    again = card_from_state(card.dump())
    assert again.uid == card.uid and again.uid[0] == int(uid[:2], 16), "leading zeros stay"
