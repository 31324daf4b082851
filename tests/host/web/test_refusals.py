"""What goes wrong at the pages: forms of others, ended sessions, missing rights, an intake that is away, bad
fields, cards and readers that are not there. Nothing is half done, and the page says what to do."""

from typing import Any

import pytest
from flask import Flask
from pytest_mock import MockerFixture

from host.errors import Refused
from host.intercom.server import Server
from host.web import forms
from simulator.reader import Field
from tests.host.looks import holds, registered
from tests.host.rig import Shop, blank, value_fen
from tests.host.web.visitor import Visitor

ACT_FORMS = sorted(forms.FORMS)


def test_who_has_no_right_is_told_whom_to_ask(shop: Shop, application: Flask, ann: Visitor, uid: str) -> None:
    fin = Visitor.new(shop, application, "fin", "finance")
    for name in ACT_FORMS:
        page = fin.get(f"/acts/{name}?card={uid}")
        right = name in ("approve",)
        assert right or (page.status == 403 and "ask a colleague who may" in page.text), name
    assert fin.get("/till").status == 403
    for name in ("void", "hot", "unlist"):
        csrf = ann.get("/").form("/logout")["csrf"]
        page = ann.send(f"/acts/{name}", {"csrf": csrf, "card": uid, "uid": uid, "reason": "x", "key": "k"})
        assert page.status == 403, name
    assert "Void" not in ann.get(f"/cards/{uid}").text, "what he may not is not offered"


def test_an_intake_that_is_away_did_nothing_and_what_was_typed_stays(
    ann: Visitor, intake: Server, uid: str, mocker: MockerFixture
) -> None:
    where, what = ann.fill("top-up", uid, amount_fen="12.34", where="later")
    mocker.patch("host.intercom.client.AWAY_S", 1)
    intake.stop(5)
    page = ann.send(where, what)
    assert page.status == 503 and "nothing was done, try again in a moment" in page.text
    assert page.form("/acts/top-up") == what, "the same form, the same key"
    assert ann.client.post(where, data=what).headers["Retry-After"] == "2"
    assert ann.get(f"/cards/{uid}").status == 200, "the books can be looked at"
    login = ann.login("a good long word")
    assert login.status == 503 and "nothing was done" in login.text


BAD = [
    ("counted_fen", "abc"),
    ("counted_fen", "1.234"),
    ("counted_fen", "-1"),
    ("counted_fen", ""),
    ("counted_fen", "999999999"),
    ("from_shift", "x"),
    ("from_shift", "1" * 30),
    ("amount_fen", "0"),
    ("amount_fen", "ten"),
    ("amount_fen", ""),
    ("reason", ""),
    ("reason", "a\x07b"),
    ("reason", "字" * 90),
    ("way", "up"),
    ("place", ""),
    ("kind", "gold"),
    ("where", "there"),
    ("last_sale", "x"),
]


@pytest.mark.parametrize("name", ACT_FORMS)
def test_bad_fields_are_said_beside_the_field_and_the_rest_stays(
    shop: Shop, application: Flask, ann: Visitor, lea: Visitor, uid: str, name: str
) -> None:
    boss = Visitor.new(shop, application, "boss", "owner")
    boss.client.set_cookie("tapledger-reader", "usb")
    named = {field.name: field for field in forms.FORMS[name].fields}
    good: dict[str, Any] = {"reason": "good reason", "counted_fen": "1", "amount_fen": "1", "last_sale": "1"}
    before = shop.query("SELECT count(*) FROM desk_acts")
    for field, value in BAD:
        if field not in named or (not value and not named[field].needed):
            continue
        where, what = boss.fill(name, uid)
        what |= {key: text for key, text in good.items() if key in named} | {field: value}
        page = boss.send(where, what)
        assert page.status == 400, (field, value, page.text)
        if named[field].kind != forms.HIDDEN:
            assert page.error_of(field), (field, value)
        kept = page.form(f"/acts/{name}")
        assert kept["key"] == what["key"]
        for other in set(good) & set(named) - {field, "last_sale"}:
            assert kept[other] == good[other], (field, other)
    assert shop.query("SELECT count(*) FROM desk_acts") == before, "nothing was begun"


def test_cards_that_are_not_there_are_not_found(ann: Visitor, uid: str) -> None:
    for path in (
        "/cards/99",
        "/find?card=99",
        "/find?card=",
        "/cards/zz",
        "/cards/%00",
        "/acts/lost?card=99",
    ):
        page = ann.get(path)
        assert page.status == 404 and "no such card" in page.text, path
    for path in ("/nothing", "/acts/fly", "/language/xx", "/acts/approve"):
        assert ann.get(path).status == 404, path
    for path in ("/done/999", "/done/99999999999999999999999"):
        assert ann.get(path).status == 404, path
    assert ann.get("/cards/<b>").status == 404 and "<b>" not in ann.get("/cards/<b>").html


def test_a_reader_without_a_card_and_one_that_is_not_there(ann: Visitor, uid: str) -> None:
    page = ann.act("top-up", uid, amount_fen="10", where="reader")
    assert page.status == 409 and "lay one on it and try again" in page.text
    assert page.form("/acts/top-up")["amount_fen"] == "10"
    assert "¥10.00 still waits" not in ann.get(f"/cards/{uid}").text, "no cash was taken"
    ann.client.set_cookie("tapledger-reader", "tty:/dev/nothing")
    page = ann.act("top-up", uid, amount_fen="10", where="reader")
    assert page.status == 503 and "choose another one above" in page.text
    page = ann.send("/read", ann.get("/").form("/read"))
    assert page.status == 503 and "tty:/dev/nothing" in page.text


@pytest.mark.parametrize(
    "name", ["", "gibberish", "tty:", "pcsc:", "usb:x", "tty:/dev/é", "tty:/" + "x" * 300]
)
def test_a_reader_is_chosen_once_for_the_desk(ann: Visitor, name: str) -> None:
    ann.client.delete_cookie("tapledger-reader")
    page = ann.get("/acts/issue")
    assert page.path == "/reader?next=/acts/issue", "first the reader"
    form = page.form("/reader")
    bad = ann.send("/reader", form | {"reader": "", "typed": name})
    assert bad.status == 400 and bad.error_of("typed")
    assert ann.send("/reader", form).path == "/acts/issue", "the one that is offered first"
    assert ann.send("/reader", form | {"reader": "", "typed": "pcsc:ACR122 00"}).status == 200
    assert "pcsc:ACR122 00" in ann.get("/").text


def test_readers_of_other_places_are_offered_and_typed_ones_when_the_intake_is_away(
    ann: Visitor, intake: Server, mocker: MockerFixture
) -> None:
    mocker.patch("host.service.Service.readers", return_value=[{"name": "terminal:DESK1"}, {"name": "tty:"}])
    shown = ann.get("/reader")
    assert "terminal:DESK1" in shown.text and shown.html.count('type="radio"') == 3, "no name that is none"
    form = shown.form("/reader") | {"reader": "terminal:DESK1"}
    assert ann.send("/reader", form).status == 200 and "terminal:DESK1" in ann.get("/").text
    mocker.patch("host.intercom.client.AWAY_S", 1)
    intake.stop(5)
    assert ann.get("/reader").status == 200


def test_another_card_on_the_reader_is_not_touched(shop: Shop, ann: Visitor, field: Field, uid: str) -> None:
    other = blank(2)
    field.place(other)
    ann.act("issue", amount_fen="30")
    for name, typed in (("top-up", {"amount_fen": "10"}), ("refund", {"reason": "x"})):
        page = ann.act(name, uid, **typed)
        assert page.status == 409 and "Another card lies on the reader" in page.text, name
    assert value_fen(other) == 3_000 and registered(shop, other).state == "active"
    holds(shop)


@pytest.mark.parametrize("step", ["auth", "commit-sent"])
def test_a_card_pulled_in_the_middle_is_said_with_what_stands(
    shop: Shop, ann: Visitor, field: Field, step: str
) -> None:
    card = blank()
    field.place(card)
    ann.act("issue")
    uid = card.uid.hex()
    card.arm_pull(step)
    page = ann.act("top-up", uid, amount_fen="30")
    assert page.status == 409 and "press Continue" in page.text and "How it stands" in page.text
    assert "¥30.00" in page.text, "what was taken is named"
    assert "Not finished" in ann.get("/").text
    field.remove()
    field.place(card)
    done = ann.again(page)
    assert "Topped up" in done.text and value_fen(card) == 3_000
    assert "Not finished" not in ann.get("/").text
    holds(shop)


def test_what_another_began_he_finishes_himself(ann: Visitor, lea: Visitor, field: Field, uid: str) -> None:
    waits = ann.act("top-up", uid, amount_fen="501", where="later")
    page = lea.get(waits.path)
    assert "ann began this and goes on with it" in page.text
    csrf = lea.get("/").form("/logout")["csrf"]
    assert lea.send(f"{waits.path}/again", {"csrf": csrf}).status == 403


def test_a_fault_in_the_page_is_a_page(ann: Visitor, mocker: MockerFixture) -> None:
    mocker.patch("host.web.home.waiting.all_", side_effect=ZeroDivisionError)
    page = ann.get("/")
    assert page.status == 500 and "is in the log" in page.text and "ZeroDivision" not in page.text
    mocker.patch("host.web.home.waiting.all_", side_effect=Refused(409, "odd-code", "A sentence <b>."))
    page = ann.get("/")
    assert page.status == 409 and "A sentence <b>." in page.text and "<b>." not in page.html


def test_too_much_and_the_wrong_way(ann: Visitor) -> None:
    assert ann.send("/acts/lost", {"reason": "x" * 100_000}).status == 413
    assert ann.client.get("/logout").status_code in (404, 405)
    assert ann.client.get("/api/v1/nothing", headers={"Authorization": "Bearer x"}).is_json


def test_the_language_is_switched_in_place(ann: Visitor, uid: str) -> None:
    page = ann.get(f"/language/zh?next=/cards/{uid}")
    assert page.path == f"/cards/{uid}" and 'lang="zh-CN"' in page.html and "可办理" in page.text
    refused = ann.act("top-up", uid, amount_fen="abc", where="later")
    assert refused.error_of("amount_fen") == "请按元填写，最多两位小数，例如 50 或 12.50。"
