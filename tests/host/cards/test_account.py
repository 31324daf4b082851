"""Account cards: pulled at any moment, named by their messages, proved under their keys."""

from pathlib import Path

import pytest

from host.cards import account, account_card, registry
from host.cards.account import NotProven
from host.cards.account_card import NotPersonalisable
from host.cards.desk import Desk
from host.cards.identify import SunRefused
from host.cards.readers import CardGone
from host.cards.recover import recover
from host.cards.registry import RegistryError
from protocol.card import apdu, ntag424, sun
from protocol.card.apdu import CardError
from simulator.card import DesfireCard, LeftField
from tests.host.looks import flags, holds
from tests.host.rig import DirectConnection, Shop, blank, open_shop
from tests.host.tags import BASE, Copy, account_tag, at_reader, blank_tag, identify, issue, message, prove
from tests.simulator.card.ntag424.tag import ZERO, change_key, known, settings

FAULTS = (CardGone, CardError)


def test_a_blank_tag_becomes_an_account_card(shop: Shop) -> None:
    card = blank_tag()
    made = issue(shop, card)
    assert made == {
        "uid": card.uid.hex().upper(),
        "number": "000000000001",
        "issue": 1,
        "kind": "account",
        "weak": False,
        "state": "active",
        "balance_fen": 0,
        "flags": [],
    }
    keys = [key.value for key in card.chip.state.keys]
    assert ZERO not in keys and len(set(keys)) == 4 and keys[0] == keys[4]
    url = message(card)
    assert url.startswith(BASE + "?p=") and identify(shop, url) == prove(shop, card) == "000000000001"
    holds(shop)


def test_the_books_know_before_the_card_is_touched(shop: Shop) -> None:
    card = blank_tag()
    with pytest.raises(CardGone):
        issue(shop, card, gone_at=1)
    found = shop.look(registry.newest, card.uid)
    assert found is not None and (found.state, found.kind) == ("pending", "account")
    with pytest.raises(RegistryError, match="is pending; it pays nothing"):
        prove(shop, card)


@pytest.mark.parametrize("took_it", [False, True])
def test_a_card_pulled_at_any_apdu_is_finished_by_asking_again(shop: Shop, took_it: bool) -> None:
    connection = at_reader(blank_tag())
    account.issue(shop.opened.database, shop.opened.keeper, connection, "operator:desk", BASE)
    assert connection.sent > 30
    for gone_at in range(1, connection.sent + 1):
        card = blank_tag(gone_at)
        with pytest.raises(FAULTS):
            issue(shop, card, gone_at=gone_at, took_it=took_it)
        assert issue(shop, card)["state"] == "active", gone_at
        assert identify(shop, message(card)) == prove(shop, card), gone_at
    holds(shop)


def test_a_card_that_loses_power_within_a_step_is_finished_too(shop: Shop) -> None:
    for step in range(40):
        card, left = blank_tag(step), [step]

        def cut(_when: str, _step: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise LeftField

        card.tear_hook = cut
        try:
            issue(shop, card)
        except FAULTS:
            card.tear_hook = None
            issue(shop, card)
        card.tear_hook = None
        assert prove(shop, card)


def test_an_issued_card_is_not_issued_again_and_a_void_one_lives_anew(shop: Shop) -> None:
    card = account_tag(shop)
    former = message(card)
    with pytest.raises(RegistryError, match=r"is account card 000000000001, active"):
        issue(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, registry.known(connection, card.uid), "void", "operator:desk")
    with pytest.raises(RegistryError, match="is void; it pays nothing"):
        prove(shop, card)
    assert issue(shop, card)["issue"] == 2
    with pytest.raises(SunRefused) as caught:
        identify(shop, former)
    assert caught.value.code == "rolled-back", "a message of its former life names nobody"
    assert identify(shop, message(card)) == prove(shop, card) == "000000000002"


def test_a_card_pulled_at_its_last_command_gets_the_address_that_holds_by_then(shop: Shop) -> None:
    card, connection = blank_tag(), at_reader(blank_tag())
    account.issue(shop.opened.database, shop.opened.keeper, connection, "x", "https://old.example")
    last = connection.sent - 19  # what comes after it only looks
    with pytest.raises(CardGone):
        account.issue(
            *(shop.opened.database, shop.opened.keeper, at_reader(card, gone_at=last, took_it=True), "x"),
            "https://old.example",
        )
    assert card.chip.state.keys[0].value != ZERO
    assert issue(shop, card)["state"] == "active" and message(card).startswith(BASE)
    assert identify(shop, message(card)) == prove(shop, card)


def test_an_account_card_is_finished_by_recover_and_is_made_no_purse(shop: Shop) -> None:
    card = blank_tag()
    with pytest.raises(CardGone):
        issue(shop, card, gone_at=20)
    desk = Desk(shop.opened.database, shop.opened.keeper, at_reader(card), "operator:desk")
    with pytest.raises(RegistryError, match="in the books as account card"):
        desk.issue(0)
    assert recover(desk)["state"] == "active"
    assert recover(desk)["did"] == "Nothing was open: its money is in the books alone."
    assert prove(shop, card)


def test_keys_rotate_and_cards_keep_those_they_were_made_with(shop: Shop) -> None:
    old = account_tag(shop)
    opened = shop.opened
    passphrase = (opened.data / "passphrase").read_bytes().strip()
    opened.keeper.rotate(["account-master", "account", "sdm-meta", "sdm-file"], passphrase)
    new = account_tag(shop, 2)
    for card in (old, new):
        assert identify(shop, message(card)) == prove(shop, card)
    assert old.chip.state.keys[2].value != new.chip.state.keys[2].value
    with opened.database.write() as connection:
        registry.become(connection, registry.known(connection, old.uid), "void", "operator:desk")
    assert issue(shop, old)["issue"] == 2 and prove(shop, old)


def test_other_cards_are_left_alone(shop: Shop, tmp_path: Path) -> None:
    purse = blank()
    before = purse.dump()
    with pytest.raises(NotPersonalisable, match="is no NTAG 424 DNA"):
        account.issue(shop.opened.database, shop.opened.keeper, DirectConnection(purse), "x", BASE)
    assert purse.dump() == before and isinstance(purse, DesfireCard)
    other = account_tag(open_shop(tmp_path / "other"))
    state = other.dump()["keys"]
    with pytest.raises(NotPersonalisable, match="another key 0"):
        issue(shop, other)
    assert other.dump()["keys"] == state
    assert shop.query("SELECT state FROM card_states WHERE state = 'active'") == []


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_prepared_key_is_found(shop: Shop, number: int) -> None:
    """Somebody set a key of his own before the card came to us, with the version of ours or another."""
    for version in (0, 1):
        card = blank_tag()
        card.enter_field()
        apdu.run(ntag424.select(), card.exchange)  # type: ignore[arg-type]
        change_key(known(card), number, ZERO, b"\x66" * 16, version)
        with pytest.raises((NotPersonalisable, CardError)):
            issue(shop, card)
        assert shop.query("SELECT state FROM card_states WHERE uid = ?", card.uid) == [("pending",)]


@pytest.mark.parametrize(
    ("number", "content", "found"),
    [
        (1, "00 EEEE", "File 1 of card"),  # anybody writes the capabilities
        (2, "40 E0EE C1F121 200000 430000 430000", None),  # other messages: ours take their place
        (2, "40 EEEE C1F121 200000 430000 430000", "refused command 5F"),  # anybody changes the settings
        (2, "00 F0EF", "refused command 8D"),  # nobody writes
        (3, "00 E0EE", None),
    ],
)
def test_prepared_settings_are_found_or_put_right(
    shop: Shop, number: int, content: str, found: str | None
) -> None:
    card = blank_tag()
    card.enter_field()
    apdu.run(ntag424.select(), card.exchange)  # type: ignore[arg-type]
    settings(known(card), number, content)
    if found is None:
        assert issue(shop, card)["state"] == "active"
        return
    with pytest.raises((NotPersonalisable, CardError), match=found):
        issue(shop, card)
    assert shop.query("SELECT state FROM card_states") == [("pending",)]


def test_a_tag_that_shows_another_uid_than_its_own_is_found(shop: Shop) -> None:
    card = blank_tag()
    connection = at_reader(card)
    connection.uid = blank_tag().uid
    with pytest.raises(NotPersonalisable, match="which is not its own"):
        account.issue(shop.opened.database, shop.opened.keeper, connection, "x", BASE)


def test_a_purse_proves_nothing_here(shop: Shop) -> None:
    with pytest.raises(RegistryError, match="is no account card of ours"):
        prove(shop, shop.card(0))
    with pytest.raises(RegistryError, match="is no account card of ours"):
        prove(shop, blank_tag())


def test_keys_are_not_shown(shop: Shop) -> None:
    card = account_tag(shop)
    found = registry.Card(card.uid, 1, "1", 1, "active", "account")
    keys = account_card.account_keys(shop.opened.keeper, found)
    assert repr(keys) == "<AccountKeys>"


def test_a_url_base_that_no_card_carries_is_told_before_anything_is_done(shop: Shop) -> None:
    with pytest.raises(ValueError, match="begins with https"):
        account.issue(shop.opened.database, shop.opened.keeper, at_reader(blank_tag()), "x", "ftp://x")
    assert shop.query("SELECT count(*) FROM cards") == [(0,)]


def test_a_clone_used_before_the_true_card_does_not_pay(shop: Shop) -> None:
    true = account_tag(shop)
    clone = Copy(true, messages=5)
    assert clone.uid == true.uid and sun.parse(message(clone)) is not None
    assert identify(shop, clone.harvested[2]), "a message newer than any names the card, whoever brings it"
    with pytest.raises(NotProven, match="is not card 000000000001"):
        prove(shop, clone)
    assert flags(shop, true) == ["not proven"] and shop.alarms() == ["clone"]  # type: ignore[arg-type]
    clone.leave_field()
    assert prove(shop, true) == "000000000001", "the true card pays on"
    assert identify(shop, message(true))
    with pytest.raises(SunRefused, match="used before"):
        identify(shop, clone.harvested[4])


def test_a_recorded_proof_proves_nothing(shop: Shop) -> None:
    """A thief at the kiosk records a payment of the true card and plays its answers back."""
    true = account_tag(shop)
    recorded: list[bytes] = []
    reader = at_reader(true).send_and_receive

    def tap(command: bytes) -> bytes:
        recorded.append(reader(command))
        return recorded[-1]

    opened = shop.opened
    apdu.run(account.prove(opened.database, opened.keeper, true.uid), tap)
    answers = iter(recorded)
    with pytest.raises(NotProven):
        apdu.run(account.prove(opened.database, opened.keeper, true.uid), lambda _command: next(answers))


def test_a_card_that_holds_another_card_s_key_is_still_not_that_card(shop: Shop) -> None:
    one, other = account_tag(shop), account_tag(shop, 2)
    other.chip.state.keys[1].value = one.chip.state.keys[1].value
    with pytest.raises(NotProven, match=f"it says it is {other.uid.hex().upper()}"):
        prove(shop, other, one.uid)


def test_another_card_of_ours_does_not_pay_for_this_one(shop: Shop) -> None:
    """Relayed to another card than the terminal says."""
    one, other = account_tag(shop), account_tag(shop, 2)
    with pytest.raises(NotProven):
        prove(shop, one, other.uid)
    assert prove(shop, one) != prove(shop, other)
