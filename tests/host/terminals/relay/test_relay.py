"""The relay against hostile terminals and brokers: only the answer to the step that is open counts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_mock import MockerFixture

from host.cards.loads import Loads
from host.cards.readers import NoCard
from host.ledger import waiting
from host.terminals.doubt.refusals import Refusal
from host.terminals.intake import opening
from protocol.wire import messages, online, topics
from protocol.wire.online import COLLECT, DESK, PAY
from tests.host.looks import balance, holds, registered
from tests.host.rig import Shop, value_fen
from tests.host.terminals.relay.terminal import Terminal, Terminals, take
from tests.host.terminals.sales.payments import UID, plain_card
from tests.waiting import until


@pytest.fixture
def kiosk(terminals: Terminals) -> Terminal:
    return terminals.add()


@pytest.fixture
def quick(mocker: MockerFixture) -> None:
    """What is not answered is given up soon."""
    mocker.patch.object(online, "STEP_MS", 150)


def test_what_waits_is_collected_over_the_terminal(shop: Shop, terminals: Terminals, kiosk: Terminal) -> None:
    card = shop.card(1000)
    take(shop, card)
    kiosk.lay(card)
    kiosk.ask(card.uid)
    said = kiosk.decided()
    assert (said["code"], said["amount_fen"], said["balance_fen"]) == (online.DONE, 500, 1500)
    assert [step["step"] for step in kiosk.steps] == list(range(1, len(kiosk.steps) + 1))
    assert (value_fen(card), balance(shop, card)) == (1500, 1500)
    until(lambda: terminals.pushed == 1)
    assert terminals.refused() == []
    holds(shop)


def test_a_card_for_which_nothing_waits_is_asked_nothing(shop: Shop, kiosk: Terminal) -> None:
    kiosk.ask(shop.card(1000).uid)
    assert (kiosk.decided()["reason"], kiosk.steps) == ("nothing", [])
    kiosk.ask(bytes(7))
    assert (kiosk.decided(2)["reason"], kiosk.steps) == ("nothing", [])


def test_a_secret_that_was_replaced_asks_nothing(shop: Shop, terminals: Terminals, kiosk: Terminal) -> None:
    """Also where this process has not heard of it yet, and the thief knows the new kiosk's nonce."""
    with shop.opened.database.write() as connection:
        connection.execute("UPDATE kiosks SET issue = issue + 1")
    kiosk.ask(shop.card(1000).uid)
    until(lambda: terminals.refused() == ["of another hello"])
    assert (kiosk.decisions, kiosk.steps) == ([], [])


def test_another_card_than_was_named_gets_nothing(shop: Shop, kiosk: Terminal) -> None:
    card, other = shop.card(1000), shop.card(1000)
    take(shop, card)
    kiosk.lay(other)
    kiosk.ask(card.uid)
    assert kiosk.decided()["reason"] == "unreadable"
    assert (value_fen(card), value_fen(other), balance(shop, other)) == (1000, 1000, 1000)
    assert shop.look(waiting.of, card.uid, 1).total_fen == 500
    holds(shop)


def test_answers_of_two_cards_cannot_be_swapped(shop: Shop, terminals: Terminals, quick: None) -> None:
    """Two sessions at once; each terminal answers the other's steps, under its own key."""
    first, second = terminals.add("K1"), terminals.add("K2")
    cards = shop.card(1000), shop.card(1000)
    for card, terminal in zip(cards, (first, second), strict=True):
        take(shop, card)
        terminal.silent = True
        terminal.ask(card.uid)
    one, two = first.asked(), second.asked()
    assert (one["session"], two["session"]) == (1, 1)
    first.answer(two, [b"\x91\x00"], step=two["step"] + 1)
    second.answer(one, [b"\x91\x00"], session=2)
    second.replay(first.answer(one, [b"\x91\x00"], nonce=b"another!"))
    assert first.decided()["reason"] == second.decided()["reason"] == "early"
    assert terminals.refused()[:2] == ["of another step", "of another step"]
    assert [value_fen(card) for card in cards] == [1000, 1000]
    holds(shop)


def test_a_step_is_answered_once_and_late_is_never(shop: Shop, kiosk: Terminal, quick: None) -> None:
    card = shop.card(1000)
    take(shop, card)
    kiosk.silent = True
    kiosk.ask(card.uid)
    step = kiosk.asked()
    message = kiosk.answer(step, [b"\x91\x00"])
    kiosk.asked(2)
    kiosk.replay(message)
    kiosk.answer(step, [b"\x91\xae"])
    assert kiosk.decided()["reason"] == "early"
    kiosk.answer(kiosk.steps[-1], [b"\x91\x00"])
    assert kiosk.terminals.refused() == ["of another step", "of another step", "no session"]
    holds(shop)


@pytest.mark.parametrize("answers", [[], [b"\x91\x00", b"\x91\x00"], [bytes(2)], [b"\x91\xaf" + bytes(200)]])
def test_malformed_answers_end_the_session_and_book_nothing(
    shop: Shop, kiosk: Terminal, answers: list[bytes], quick: None
) -> None:
    card = shop.card(1000)
    take(shop, card)
    kiosk.silent = True
    kiosk.ask(card.uid)
    kiosk.answer(kiosk.asked(), answers)
    assert kiosk.decided()["reason"] in ("early", "unreadable")
    assert shop.look(waiting.of, card.uid, 1).total_fen == 500
    holds(shop)


def test_a_request_is_served_once_and_an_old_hello_is_none(shop: Shop, kiosk: Terminal) -> None:
    message = kiosk.ask(shop.card(1000).uid)
    kiosk.decided()
    kiosk.replay(message)
    kiosk.say(online.ASK, request=b"new one!", wants=COLLECT, uid=UID, card=1, nonce=b"long ago")
    until(lambda: kiosk.terminals.refused() == ["asked before", "of another hello"])
    assert len(kiosk.decisions) == 1


def test_a_message_of_nobody_touches_nothing(shop: Shop, terminals: Terminals, kiosk: Terminal) -> None:
    good = kiosk.ask(UID)
    kiosk.decided()
    terminals.relay.take(topics.relay("K9"), good)
    terminals.relay.take(topics.relay("K1"), good[:-1] + bytes([good[-1] ^ 1]))
    terminals.relay.take(topics.relay("K1"), b"")
    kiosk.replay(kiosk.kiosk.hello())
    assert terminals.rejections.to_json()["counts"] == {"unknown": 1, "mac": 1, "size": 1, "relay": 1}
    assert len(kiosk.decisions) == 1


def test_one_card_has_one_session_and_the_other_is_told(
    shop: Shop, terminals: Terminals, quick: None, mocker: MockerFixture
) -> None:
    mocker.patch("host.cards.in_use.WAIT_S", 0.01)
    first, second = terminals.add("K1"), terminals.add("K2")
    card = shop.card(1000)
    take(shop, card)
    first.silent = True
    first.ask(card.uid)
    first.asked()
    second.lay(card)
    second.ask(card.uid)
    assert second.decided()["reason"] == "busy"
    assert first.decided()["reason"] == "early"
    second.ask(card.uid)
    assert second.decided(2)["amount_fen"] == 500
    holds(shop)


def test_a_terminal_that_asks_anew_ends_what_it_asked_before(shop: Shop, kiosk: Terminal) -> None:
    card = shop.card(1000)
    take(shop, card)
    kiosk.silent = True
    kiosk.ask(card.uid)
    kiosk.asked()
    kiosk.silent = False
    kiosk.lay(card)
    kiosk.ask(card.uid)
    assert kiosk.decided(2)["amount_fen"] == 500
    assert kiosk.decisions[0]["reason"] == "early"
    holds(shop)


def test_a_payment_needs_a_number_and_an_amount(shop: Shop, kiosk: Terminal) -> None:
    plain_card(shop, 1000)
    said = {"card": online.PLAIN, "wants": PAY}
    kiosk.ask(UID, **said, amount_fen=100)
    kiosk.decided()
    kiosk.ask(UID, **said, counter=1)
    kiosk.decided(2)
    assert {one["reason"] for one in kiosk.decisions} == {"number"}
    kiosk.ask(UID, **said, counter=1, amount_fen=100)
    assert kiosk.decided(3)["balance_fen"] == 900
    holds(shop)


def test_a_desk_procedure_runs_over_a_terminal_as_on_a_reader(
    shop: Shop, terminals: Terminals, kiosk: Terminal
) -> None:
    with pytest.raises(NoCard), terminals.relay.desk.card("K1", 0):
        pass
    card = shop.card(1000)
    kiosk.lay(card)
    kiosk.ask(card.uid, DESK)
    for amount_fen in (200, 300):  # it lies there, for one thing after the other
        with terminals.relay.desk.card("K1", 5) as connection:
            database, keeper = shop.opened.database, shop.opened.keeper
            Loads(database, keeper, connection, "operator:desk").load(registered(shop, card), amount_fen)
    assert (value_fen(card), balance(shop, card)) == (1500, 1500)
    kiosk.say(online.ANSWER, session=0, step=0, answers=[], gone=1)
    with pytest.raises(NoCard), terminals.relay.desk.card("K1", 0):
        pass
    kiosk.ask(bytes(7))  # and makes room for what comes next
    assert kiosk.decided()["reason"] == "nothing"
    holds(shop)


FIELDS = st.fixed_dictionaries(
    {
        1: st.sampled_from([b"nonce--1", bytes(8)]) | st.binary(max_size=9),
        2: st.integers(0, 3) | st.binary(max_size=9),
        3: st.integers(0, 5),
        4: st.lists(st.binary(max_size=4), max_size=3) | st.binary(max_size=11),
        5: st.integers(0, 4),
    }
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(online.RELAYED), FIELDS, st.binary(max_size=40))
def test_no_bytes_of_a_kiosk_stop_the_relay(
    shop: Shop, kiosk: Terminal, kind: int, body: dict[int, object], junk: bytes
) -> None:
    from protocol.wire import cbor, envelope, mac

    up_key = mac.kiosk_keys(kiosk.kiosk.given["secret"])[0]
    for told in (cbor.encode(kind) + cbor.encode(body), junk):
        kiosk.replay(envelope.seal_content(up_key, messages.UP, "K1", (1, 0), told))
    kiosk.replay(junk)
    assert all(thread.is_alive() for thread in kiosk.terminals.relay._threads)


@pytest.mark.parametrize("kind", online.RELAYED)
def test_what_belongs_on_the_topic_relay_is_refused_elsewhere(shop: Shop, kiosk: Terminal, kind: int) -> None:
    message = kiosk.ask(UID) if kind == online.ASK else kiosk.say(kind, session=0, step=0, answers=[], gone=1)
    known = shop.kiosks.find("K1")
    assert known is not None
    (refusal,) = opening.opened(known, message)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.kind) == ("type", 0) and refusal.sentence.endswith(
        "goes to the topic relay"
    )
