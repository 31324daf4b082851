"""The page of a kiosk: what it works by, what is on its way, and the form that changes it."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from host import zone
from host.terminals.fleet import configs
from host.terminals.fleet.configs import Config
from host.terminals.updates import rollouts
from protocol.wire import config as wire
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import NEW, begin, bring
from tests.host.web.visitor import Page, Visitor

CONFIG = Config(
    2500,
    mode="list",
    prices=(("美甲", 8800), ("洗头", 3000)),
    hours=((600, 840), (1080, 120)),
    quiet=(1320, 480),
)


@pytest.fixture
def boss(shop: Shop, application: Flask) -> Visitor:
    shop.kiosks.register("K1", CONFIG, "operator:boss")
    return Visitor.new(shop, application, "boss", "owner")


def save(who: Visitor, page: Page | None = None, **typed: Any) -> Page:
    page = page or who.get("/kiosks/K1")
    filled = {**page.form("/kiosks/K1"), **page.areas()}
    return who.send("/kiosks/K1", filled | typed)


def newest(shop: Shop) -> tuple[int, Config | None]:
    return shop.look(configs.newest, 1)


def test_what_was_told_is_filled_in_and_saved_unchanged_it_changes_nothing(shop: Shop, boss: Visitor) -> None:
    listed = boss.get("/kiosks")
    assert "K1 · price list (2) · 10:00-14:00, 18:00-02:00" in listed.text
    assert f"(UTC{zone.in_force()[1]}). Changed by tapledger zone" in listed.text
    page = boss.get("/kiosks/K1")
    assert page.areas()["prices"] == "美甲 = 88.00\n洗头 = 30.00"
    assert "Nothing changed" in save(boss).text
    assert newest(shop) == (1, CONFIG)


def test_what_is_typed_is_told_to_the_kiosk(shop: Shop, boss: Visitor) -> None:
    page = save(
        boss,
        mode="fixed",
        way="out",
        price_fen="￥12.5",
        prices="",
        hours="9:00–17:30\n",
        quiet="",
        utc_offset_min="-03:30",
        title="兰亭",
        language="en",
        max_fen="500",
        offline_total_fen="",
        offline_card_count="3",
        verdict_wait_ms="0",
    )
    assert page.status == 200 and "Version 2 is saved" in page.text, page.text
    made = Config(
        *(1250, "en", 0),
        offline_card_count=3,
        max_fen=50_000,
        hours=((540, 1050),),
        utc_offset_min=-210,
        title="兰亭",
        way="out",
    )
    assert newest(shop) == (2, made)
    assert "Version 2 waits until the kiosk is online: one fixed price ¥12.50" in page.text


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(shop: Shop, boss: Visitor) -> None:
    for field, typed in {
        "price_fen": "0",
        "prices": "美甲 88",
        "max_fen": "5000.01",
        "hours": "10-22",
        "quiet": "22:00",
        "utc_offset_min": "8",
        "title": "一二三四五六七八九十甲",
        "offline_total_fen": "lots",
        "offline_card_count": "-1",
        "offline_max_age_h": "8785",
        "verdict_wait_ms": "5001",
    }.items():
        page = save(boss, **({"mode": "fixed"} if field == "price_fen" else {}), **{field: typed})
        assert page.status == 400 and len(page.error_of(field)) > 20, (field, page.text)
        assert typed in page.html
    for field, typed in {"prices": "", "mode": "disco", "way": "up", "language": "xx"}.items():
        assert save(boss, **{field: typed}).error_of(field), field
    assert save(boss, title="💳").error_of("title")
    assert save(boss, prices="\n".join(f"{n} = 1" for n in range(13))).error_of("prices")
    assert save(boss, prices="一二三四五六七 = 1").error_of("prices")
    assert newest(shop) == (1, CONFIG)


def test_what_somebody_else_changed_meanwhile_stays(shop: Shop, boss: Visitor) -> None:
    page = boss.get("/kiosks/K1")
    save(boss, title="兰亭")
    save(boss, page, verdict_wait_ms="100")
    version, config = newest(shop)
    assert version == 3 and config is not None and (config.title, config.verdict_wait_ms) == ("兰亭", 100)


def test_a_form_older_than_the_versions_that_are_shown_overwrites_nothing(shop: Shop, boss: Visitor) -> None:
    page = boss.get("/kiosks/K1")
    with shop.opened.database.write() as connection:
        for _ in range(configs.SHOWN):
            configs.add(connection, 1, replace(CONFIG, title="兰亭"), "operator:boss")
    known = newest(shop)
    refused = save(boss, page, verdict_wait_ms="100")
    assert refused.status == 403 and "This form is too old" in refused.text and newest(shop) == known


def test_what_is_in_force_and_what_was_given_up_is_said(shop: Shop, boss: Visitor) -> None:
    side = shop.connected()
    shop.tell(side, side.applied(config=2, hotlist=0))
    assert "It works by version 2: one fixed price ¥25.00" in boss.get("/kiosks/K1").text
    save(boss, title="兰亭")
    shop.tell(side, side.message((0, 0), wire.REJECTED, nonce=side.nonce, version=3, reason="no debit key"))
    page = boss.get("/kiosks/K1")
    assert "does not work by version 3: it has not the cards' key" in page.text
    assert "It works by version 2" in page.text
    assert "Version 4 is saved" in save(boss).text, "the very same once more"


def test_only_who_may_configure_sees_kiosks(shop: Shop, boss: Visitor, ann: Visitor) -> None:
    assert "/kiosks" not in ann.get("/").html and "/kiosks" in boss.get("/").html
    for path in ("/kiosks", "/kiosks/K1"):
        assert ann.get(path).status == 403
    form = boss.get("/kiosks/K1").form("/kiosks/K1")
    own = {"csrf": ann.get("/").form("/logout")["csrf"]}
    assert ann.send("/kiosks/K1", form | own).status == 403
    assert boss.get("/kiosks/K9").status == 404
    assert newest(shop) == (1, CONFIG)


def test_who_may_update_holds_a_kiosk_back_from_a_roll_out(shop: Shop, boss: Visitor, ann: Visitor) -> None:
    assert "Hold it back" not in boss.get("/kiosks/K1").text, "nothing is rolled out"
    bring(shop)
    begin(shop)
    page = boss.get("/kiosks/K1")
    assert f"Update to {NEW}" in page.text
    form = page.form("/kiosks/K1/hold")
    assert boss.send("/kiosks/K1/hold", form).error_of("reason"), "why?"
    assert boss.send("/kiosks/K1/hold", form | {"reason": "x" * 500}).error_of("reason")
    assert shop.query("SELECT 1 FROM rollout_holds") == []
    held = boss.send("/kiosks/K1/hold", form | {"reason": "the fair is on"})
    assert held.path == "/kiosks/K1" and "Held back by boss" in held.text and "the fair is on" in held.text
    own = {"csrf": ann.get("/").form("/logout")["csrf"]}
    assert ann.send("/kiosks/K1/hold", form | own | {"reason": "no"}).status == 403
    with shop.opened.database.write() as connection:
        rollouts.stop(connection, "enough", "operator:boss")
    late = boss.send("/kiosks/K1/hold", form | {"reason": "too late"})
    assert late.status == 409 and "No update is being rolled out" in late.text
