"""Passes on the pages: sold and taken back, and what is wrong said where it is typed."""

import pytest
from flask import Flask

from host import clock
from tests.host.desk.test_stays import tap
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.web.visitor import Visitor


def test_a_pass_is_sold_and_taken_back(shop: Shop, ann: Visitor, uid: str) -> None:
    page = ann.act("pass", uid, visits="10", opens="16:00", closes="19:00", amount_fen="90", reason="cash")
    assert "The pass is given" in page.text and "¥90.00" in page.text, page.text
    card = ann.get(f"/cards/{uid}")
    assert "Visits: 10 of 10 left · 16:00–19:00 · ¥90.00" in card.text
    form = ann.get(f"/acts/cancel-pass?card={uid}&pass=1")
    assert "Taken back now, it pays ¥90.00" in form.text
    page = ann.send("/acts/cancel-pass", form.form("/acts/cancel-pass") | {"reason": "moves away"})
    assert "Paid in cash ¥90.00" in page.text
    card = ann.get(f"/cards/{uid}")
    assert "taken back" in card.text and "cancel-pass" not in card.html
    page = ann.send("/acts/cancel-pass", form.form("/acts/cancel-pass") | {"key": "other", "reason": "x"})
    assert "was taken back or has ended" in page.text
    holds(shop)


def test_a_pass_of_somebody_else_is_taken_back_by_who_may(
    shop: Shop, application: Flask, ann: Visitor, lea: Visitor, uid: str
) -> None:
    bob = Visitor.new(shop, application, "bob", "clerk")
    ann.act("pass", uid, visits="3", reason="paid at the till")
    offered = [f"/acts/cancel-pass?card={uid}" in who.get(f"/cards/{uid}").html for who in (ann, lea, bob)]
    assert offered == [True, True, False]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    shop: Shop, ann: Visitor, uid: str
) -> None:
    wrong = [
        ({}, "visits", "how many visits or minutes, or the last day"),
        ({"visits": "1001"}, "visits", "from 1 to 1000"),
        ({"minutes": "60001"}, "minutes", "from 1 to 60000"),
        ({"minutes": "60", "visits": "1"}, "minutes", "two passes"),
        ({"minutes": "60", "stay_min": "9"}, "stay_min", "from 10 to 1440"),
        ({"visits": "1", "stay_min": "60"}, "stay_min", "cannot be used"),
        ({"visits": "x"}, "visits", "Enter a number"),
        ({"until": "31.12."}, "until", "2026-12-31"),
        ({"until": "2020-01-01"}, "until", "cannot be used"),
        ({"visits": "1", "opens": "16:00"}, "closes", "both times"),
        ({"visits": "1", "opens": "16", "closes": "17:00"}, "opens", "16:00"),
        ({"visits": "1", "amount_fen": "0"}, "amount_fen", "above zero"),
    ]
    for typed, field, said in wrong:
        page = ann.act("pass", uid, reason="kept", **typed)
        assert page.status == 400 and said in page.error_of(field), (typed, page.text)
        assert 'value="kept"' in page.html
    assert shop.query("SELECT count(*) FROM passes") == [(0,)]


def test_minutes_are_sold_and_a_stay_is_closed(
    shop: Shop, ann: Visitor, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = clock.now_s()
    monkeypatch.setattr(clock, "now_s", lambda: now_s)
    page = ann.act("pass", uid, minutes="620", amount_fen="100", reason="cash")
    assert "The pass is given" in page.text, page.text
    assert "Time: 10 h 20 min of 10 h 20 min left · ¥100.00" in ann.get(f"/cards/{uid}").text
    assert "Inside by a pass" not in ann.get("/").text
    tap(shop, shop.connected(), bytes.fromhex(uid))
    monkeypatch.setattr(clock, "now_s", lambda: now_s + 3660)
    card = ann.get(f"/cards/{uid}")
    assert "inside since" in card.text and "cancel-pass" not in card.html
    home = ann.get("/").text
    assert "Inside by a pass of minutes" in home and "used 1 h 1 min" in home
    page = ann.act("close-stay", uid, reason="gone", minutes="30")
    assert "ask a colleague" in page.text, page.text
    page = ann.act("close-stay", uid, reason="gone")
    assert "The stay is closed" in page.text and "Time counted 1 h 1 min" in page.text
    card = ann.get(f"/cards/{uid}")
    assert "Time: 9 h 19 min of 10 h 20 min left" in card.text and "inside since" not in card.text
    page = ann.act("close-stay", uid, reason="again")
    assert "Nobody is inside" in page.text
    holds(shop)
