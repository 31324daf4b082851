"""Cards on the reader of a clerk's PC: there, gone, still there; an act that failed begins anew."""

import pytest
from pytest_mock import MockerFixture

from host.cards.desk import Desk
from host.cards.readers import CardGone, NoCard
from host.terminals.fleet import revoked
from protocol.wire import online
from protocol.wire.online import COLLECT, DESK, PAY
from simulator.card import DesfireCard
from tests.host.looks import holds
from tests.host.rig import Shop, blank, value_fen
from tests.host.terminals.relay.terminal import Terminal, Terminals
from tests.waiting import until

VERSION = bytes.fromhex("9060000000")


@pytest.fixture
def reader(terminals: Terminals) -> Terminal:
    return terminals.add_reader()


def lies(terminals: Terminals, reader: Terminal, card: DesfireCard) -> bytes:
    """The card is laid there -> the request that says so."""
    reader.lay(card)
    return asked(terminals, reader, card.uid)


def asked(terminals: Terminals, reader: Terminal, uid: bytes, looks: int = online.PURSE) -> bytes:
    message = reader.ask(uid, DESK, card=looks)
    until(lambda: terminals.relay.desk.lying().get("DESK1", {}).get("uid") == uid.hex().upper())
    return message


def leaves(reader: Terminal) -> None:
    reader.say(online.ANSWER, session=0, step=0, answers=[], gone=1)


def test_a_card_is_issued_over_the_reader(shop: Shop, terminals: Terminals, reader: Terminal) -> None:
    card = blank()
    lies(terminals, reader, card)
    with terminals.relay.desk.card("DESK1", 5) as connection:
        assert terminals.relay.desk.lying()["DESK1"]["busy"] is True
        made = Desk(shop.opened.database, shop.opened.keeper, connection, "operator:desk").issue(1000)
    assert (made["state"], value_fen(card)) == ("active", 1000)
    assert (reader.decisions, terminals.relay.desk.lying()["DESK1"]["busy"]) == ([], False)
    holds(shop)


def test_a_reader_asks_for_nothing_else(shop: Shop, terminals: Terminals, reader: Terminal) -> None:
    reader.ask(shop.card(100).uid, COLLECT)
    reader.ask(bytes(7), PAY, counter=1, amount_fen=100)
    assert set(terminals.refused()) == {"a desk reader asks for a clerk alone"}
    assert terminals.relay.desk.lying() == {}


def test_its_uid_is_told_of_any_card_and_a_chip_is_needed_for_an_act(
    terminals: Terminals, reader: Terminal
) -> None:
    asked(terminals, reader, bytes.fromhex("01020304"), online.PLAIN)
    assert terminals.relay.desk.look("DESK1", 5) == bytes.fromhex("01020304")
    assert terminals.relay.desk.lying() == {"DESK1": {"uid": "01020304", "chip": False, "busy": False}}
    with pytest.raises(NoCard, match="not a MIFARE DESFire"), terminals.relay.desk.card("DESK1", 5):
        pass
    leaves(reader)
    with pytest.raises(NoCard, match="no card on the reader"):
        terminals.relay.desk.look("DESK1", 0)


def test_an_act_that_failed_ends_the_session_so_that_the_card_begins_anew(
    terminals: Terminals, reader: Terminal
) -> None:
    card = blank()
    lies(terminals, reader, card)
    with pytest.raises(ZeroDivisionError), terminals.relay.desk.card("DESK1", 5):
        raise ZeroDivisionError
    said = reader.decided()
    assert (said["code"], said["reason"]) == (online.UNKNOWN, "again")
    assert terminals.relay.desk.lying() == {}
    lies(terminals, reader, card)
    with terminals.relay.desk.card("DESK1", 5) as connection:
        assert connection.send_and_receive(VERSION)[-2:] == b"\x91\xaf"


def test_a_card_that_leaves_in_the_middle_is_gone(terminals: Terminals, reader: Terminal) -> None:
    card = blank()
    lies(terminals, reader, card)
    with pytest.raises(CardGone), terminals.relay.desk.card("DESK1", 5) as connection:
        connection.send_and_receive(VERSION)
        leaves(reader)
        connection.send_and_receive(VERSION)
    assert reader.decided()["reason"] == "again"


def test_unsaid_the_card_counts_as_gone_and_said_again_it_stays(
    terminals: Terminals, reader: Terminal, mocker: MockerFixture
) -> None:
    mocker.patch.object(online, "DESK_MS", 60_000)
    said = lies(terminals, reader, blank())
    mocker.patch.object(online, "DESK_MS", 0)
    reader.replay(said)  # counts: from now on it lasts so long
    until(lambda: terminals.relay.desk.lying() == {})
    mocker.patch.object(online, "DESK_MS", 60_000)
    reader.replay(said)  # and of a session that is over the same request makes a new one
    until(lambda: "DESK1" in terminals.relay.desk.lying())
    assert terminals.refused() == []


def test_what_is_said_again_disturbs_no_act(terminals: Terminals, reader: Terminal) -> None:
    said = lies(terminals, reader, blank())
    with terminals.relay.desk.card("DESK1", 5) as connection:
        reader.replay(said)
        assert connection.send_and_receive(VERSION)[-2:] == b"\x91\xaf"
    assert [step["session"] for step in reader.steps] == [1]


def test_another_card_takes_the_place_of_the_first(terminals: Terminals, reader: Terminal) -> None:
    lies(terminals, reader, blank())
    second = blank()
    lies(terminals, reader, second)
    assert terminals.relay.desk.look("DESK1", 5) == second.uid


@pytest.mark.parametrize("how", ["hello", "revoked"])
def test_a_card_of_an_earlier_hello_or_at_a_revoked_reader_counts_as_gone(
    shop: Shop, terminals: Terminals, reader: Terminal, how: str
) -> None:
    lies(terminals, reader, blank())
    if how == "hello":
        shop.tell(reader.kiosk, reader.kiosk.hello(nonce=b"nonce--2"))
    else:
        with shop.opened.database.write() as connection:
            revoked.revoke(connection, "DESK1", "stolen", "operator:boss")
    with pytest.raises(NoCard), terminals.relay.desk.card("DESK1", 0.2):
        pass
    assert reader.steps == []


def test_a_card_has_one_session_wherever_it_lies(shop: Shop, terminals: Terminals, reader: Terminal) -> None:
    """Two readers that say the same UID: one is served, the other is asked to wait."""
    other = terminals.add_reader("DESK2")
    card = blank()
    lies(terminals, reader, card)
    other.lay(card)
    other.ask(card.uid, DESK)
    until(lambda: "DESK2" in terminals.relay.desk.lying())
    desk = terminals.relay.desk
    with (
        desk.card("DESK1", 5),
        pytest.raises(NoCard.__mro__[1], match="in use elsewhere"),
        desk.card("DESK2", 5),
    ):
        pass
    assert "DESK2" in desk.lying(), "which lies there still"
