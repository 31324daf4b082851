"""`tapledger cards recover` against a running host with a PN532 on a serial line."""

from pathlib import Path

import pytest

from host.cards.readers import CardGone
from simulator.reader import Field, Pn532, PtyReader
from tests.host.looks import registered
from tests.host.process import Start, refuses, run
from tests.host.rig import Shop, blank


def test_a_pulled_card_is_finished_and_settled_by_a_command(
    shop: Shop, data: Path, start: Start, refusing_port: int
) -> None:
    card, kiosk = blank(), shop.connected()
    with pytest.raises(CardGone):
        shop.desk(card, gone_at=20).issue(0)
    card.leave_field()
    start(refusing_port)
    field = Field()
    with_reader = PtyReader(Pn532(field))
    with_reader.start()
    try:
        ask = ("cards", "recover", "--data", str(data), "--reader", f"tty:{with_reader.path}")
        assert "There is no card on the reader" in refuses(4, *ask)
        field.place(card)
        done = run(*ask)
        assert (done.returncode, done.stderr) == (0, "")
        first = f"000000000001  {card.uid.hex().upper()}  active  0 fen"
        assert done.stdout.splitlines() == [
            first,
            "Card 000000000001 was finished: it is active and holds nothing.",
        ]
        field.remove(card)
        shop.desk(card).load(registered(shop, card), 5_000)
        kiosk.pay(card, shop.debit_key(card), 1_200)
        field.place(card)
        assert run(*ask).stdout.splitlines()[1:] == ["What was open is settled.", "K1 1.1: 1200 fen paid"]
    finally:
        with_reader.stop()
    wrong = data / "no-token"
    wrong.write_text("nobody")
    assert "a machine's token" in refuses(4, *ask, "--token-file", str(wrong))


def test_without_a_host_or_a_token_it_is_one_sentence(shop: Shop, data: Path, tmp_path: Path) -> None:
    ask = ("cards", "recover", "--data", str(data), "--reader", "usb")
    assert "No host serves" in refuses(4, *ask)
    assert "cannot be read" in refuses(4, *ask, "--token-file", str(tmp_path / "none"))
