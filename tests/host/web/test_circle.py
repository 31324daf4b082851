"""A clerk's whole circle on the pages, over a real reader's protocol, without a script."""

from flask import Flask

from host.desk import looking
from simulator.reader import Field
from tests.host.looks import balance, holds, registered
from tests.host.rig import Shop, blank, value_fen
from tests.host.tags import blank_tag
from tests.host.web.visitor import Page, Visitor


def issue(who: Visitor, field: Field, yuan: str = "100") -> str:
    """A purse card that stays on the reader -> its UID."""
    card = blank()
    field.place(card)
    page = who.act("issue", amount_fen=yuan)
    assert "Card issued" in page.text, page.text
    field.remove()
    return card.uid.hex().upper()


def test_the_circle_of_a_card(shop: Shop, ann: Visitor, lea: Visitor, field: Field) -> None:
    card = blank()
    field.place(card)
    read = ann.send("/read", ann.get("/").form("/read"))
    assert read.path.startswith("/acts/issue") and card.uid.hex().upper() in read.text
    page = ann.act("issue", amount_fen="100")
    assert "Card issued" in page.text and "¥100.00" in page.text and value_fen(card) == 10_000
    uid = card.uid.hex()
    assert ann.send("/read", ann.get("/").form("/read")).path == f"/cards/{uid.upper()}"
    page = ann.act("top-up", uid, amount_fen="￥50.5")
    assert "Topped up" in page.text and value_fen(card) == 15_050
    field.remove()
    page = ann.act("top-up", uid, amount_fen="20", where="later")
    assert "Waits for the card ¥20.00" in page.text
    assert "¥20.00" in ann.get("/").text, "it is on the first page until it is on the card"
    page = ann.act("cancel-top-up", uid, reason="changed his mind")
    assert "cash given back" in page.text
    assert "Reported lost" in ann.act("lost", uid, reason="on the bus").text
    page = ann.get(f"/cards/{uid}")
    assert "its value can be released" in page.text and "hotlist" in page.text
    new = blank(2)
    field.place(new)
    assert "Card issued" in ann.act("issue").text
    page = ann.act("replace", uid, reason="on the bus")
    assert "Replaced" in page.text and value_fen(new) == 15_050
    page = ann.act("refund", new.uid.hex(), reason="moves away")
    assert "Refunded and closed" in page.text and "Paid in cash ¥150.50" in page.text
    assert value_fen(new) == 0 and balance(shop, new) == 0
    page = ann.act("close-drawer", counted_fen="199.50")
    assert "Expected ¥200.00" in page.text and "Over or short −¥0.50" in page.text
    assert "Shift 1 · ann" in ann.get("/till").text
    holds(shop)


def test_above_the_limit_another_person_says_yes_and_never_oneself(
    ann: Visitor, lea: Visitor, field: Field
) -> None:
    uid = issue(ann, field)
    waits = ann.act("top-up", uid, amount_fen="501", where="later")
    assert "Nothing has been done yet" in waits.text and "it waits for a second person" in waits.text
    assert "You asked for this yourself" not in lea.get("/approvals").text
    assert "You asked for this yourself" in ann.get("/approvals").text
    form = lea.get("/approvals").form("/approvals/1")
    no_right = ann.send("/approvals/1", form | {"yes": "yes", "csrf": ann.get("/").form("/logout")["csrf"]})
    assert no_right.status == 403 and "You may not do this" in no_right.text
    page = lea.send("/approvals/1", form | {"yes": "yes", "reason": "known customer"})
    assert page.status == 200 and "Nothing waits" in page.text and "approved (lea)" in page.text
    assert "Continue" in ann.get(waits.path).text and "approved" in ann.get("/").text
    done = ann.again(ann.get(waits.path))
    assert "Topped up" in done.text and "¥501.00" in done.text
    assert "Continue" not in ann.get(waits.path).text, "the same place shows the receipt"


def test_what_was_refused_by_the_second_person_is_over(ann: Visitor, lea: Visitor, field: Field) -> None:
    uid = issue(ann, field)
    waits = ann.act("top-up", uid, amount_fen="501", where="later")
    lea.send(
        "/approvals/1", lea.get("/approvals").form("/approvals/1") | {"yes": "no", "reason": "why so much"}
    )
    page = ann.get(waits.path)
    assert "lea said no" in page.text and "/again" not in page.html
    again = lea.send("/approvals/1", {"csrf": lea.get("/").form("/logout")["csrf"], "yes": "yes"})
    assert again.status == 409 and "answered already" in again.text


def test_sent_twice_it_is_done_once(shop: Shop, ann: Visitor, field: Field) -> None:
    uid = issue(ann, field)
    where, what = ann.fill("top-up", uid, amount_fen="10", where="later")
    first, second = ann.send(where, what), ann.send(where, what)
    assert first.path == second.path and "Waits for the card ¥10.00" in second.text
    changed = ann.send(where, what | {"amount_fen": "11"})
    assert changed.status == 409 and "used already" in changed.text and 'value="11"' in changed.html


def test_the_last_sale_goes_back_to_the_card(shop: Shop, ann: Visitor, field: Field) -> None:
    kiosk, card = shop.connected(), blank()
    field.place(card)
    ann.act("issue", amount_fen="100")
    field.remove()
    uid = card.uid.hex()
    assert "Give the last sale back" not in ann.get(f"/cards/{uid}").text
    shop.tell(kiosk, shop.sale(kiosk, card, 2_500))
    assert "Give the last sale back" in ann.get(f"/cards/{uid}").text
    field.place(card)
    page = ann.act("refund-sale", uid)
    assert "Given back to the card ¥25.00" in page.text and value_fen(card) == 10_000
    holds(shop)


def test_a_replacement_names_the_kiosks_and_the_way_to_approve(
    shop: Shop, ann: Visitor, lea: Visitor, application: Flask, field: Field
) -> None:
    fin = Visitor.new(shop, application, "fin", "finance")
    shop.connected()
    uid = issue(ann, field)
    ann.act("lost", uid, reason="gone")
    page = ann.get(f"/cards/{uid}")
    assert "K1 : has not confirmed the hotlist" in page.text
    new = blank(2)
    field.place(new)
    ann.act("issue")
    refused = ann.act("replace", uid, reason="gone")
    assert refused.status == 409 and "tick the box below" in refused.text and 'value="gone"' in refused.html
    waits = ann.act("replace", uid, reason="gone", accept_exposure="1")
    assert lea.get("/approvals").form("/approvals/1")
    lead = lea.send("/approvals/1", lea.get("/approvals").form("/approvals/1") | {"yes": "yes"})
    assert lead.status == 403, "an exposure is accepted by whoever may"
    fin.send("/approvals/1", fin.get("/approvals").form("/approvals/1") | {"yes": "yes"})
    assert "Replaced" in ann.again(ann.get(waits.path)).text and value_fen(new) == 10_000


def test_cards_that_hold_no_money_and_lists_of_cards(
    shop: Shop, ann: Visitor, lea: Visitor, field: Field
) -> None:
    for kind in ("account", "plain"):
        tag = blank_tag()
        field.place(tag)
        assert "Card issued" in ann.act("issue", kind=kind, amount_fen="10").text
        uid = tag.uid.hex()
        page = ann.act("top-up", uid, amount_fen="5")
        assert "Topped up" in page.text and "¥15.00" in page.text
        field.remove()
        assert "Refunded" in ann.act("refund", uid, reason="done").text
    uid = issue(ann, field)
    number = registered(shop, _card(uid)).number
    assert ann.get(f"/find?card={number}").path == f"/cards/{number}"
    assert "On the hotlist" in lea.act("hot", uid, reason="odd").text
    assert "Put on the hotlist" not in lea.get(f"/cards/{uid}").text
    assert "Voided" in lea.act("void", uid, reason="broken").text
    assert shop.look(looking.card, registered(shop, _card(uid)))["state"] == "void"


class _card:
    def __init__(self, uid: str) -> None:
        self.uid = bytes.fromhex(uid)


def test_cash_moves_with_a_second_person_and_a_count_in_between(ann: Visitor, lea: Visitor) -> None:
    page = ann.act("count-drawer", counted_fen="201.00")
    assert "Counted" in page.text and "+¥1.00" in page.text
    waits = ann.act("move-cash", amount_fen="50", way="out", place="safe", reason="too much")
    lea.send("/approvals/1", lea.get("/approvals").form("/approvals/1") | {"yes": "yes"})
    page: Page = ann.again(ann.get(waits.path))
    assert "Cash moved" in page.text and "¥151.00" in page.text
