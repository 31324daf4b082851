"""The circle in a real browser, a real host, a virtual desk reader: both languages, and without a script."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host import operators
from host.cards import passes, stays
from host.ledger.books import book
from host.operators import Operator, password
from host.terminals.fleet import configs
from host.terminals.fleet.configs import Config
from simulator.broker import Broker
from simulator.reader import Field
from tests.host.process import Start
from tests.host.rig import Shop, blank, value_fen
from tests.host.terminals.updates.updating import begin, bring

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs apt package chromium")
sync_api = pytest.importorskip("playwright.sync_api", reason="needs pip package playwright")
walks = pytest.importorskip("tests.host.web.walk", reason="needs pip package axe-playwright-python")

Walks = Callable[..., Any]
SAID = {
    "zh": ("卡已发出", "已充值", "还没有办完", "已退卡"),
    "en": ("Card issued", "Topped up", "Not finished", "Refunded and closed"),
}


@pytest.fixture
def broker_kind() -> str:
    """No kiosk is there: one kind will do."""
    return "iotcore"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        made = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield made
        made.close()


@pytest.fixture
def walk(
    browser: Any, shop: Shop, start: Start, broker: Broker, field_and_reader: tuple[Field, str]
) -> Iterator[Walks]:
    """walk(language, scripts): a browser at a host with the operators ann and lea and this reader."""
    for name, role in (("ann", "clerk"), ("lea", "lead"), ("boss", "owner")):
        with shop.opened.database.write() as connection:
            made = Operator(name, (role,), 50_000, 20_000)
            operators.add(connection, made, password.make(walks.PASSWORD), "x")
    shop.kiosks.register("K1", Config(2500, mode="list", prices=(("美甲", 8800),)), "operator:boss")
    host = start(broker.port, "--reader", field_and_reader[1])
    begun: list[Any] = []

    def one(language: str, scripts: bool = True) -> Any:
        begun.append(walks.Walk(browser, f"http://127.0.0.1:{host.port}", language, scripts))
        return begun[-1]

    yield one
    for visit in begun:
        visit.context.close()
        assert [said for said in visit.complaints if "status of 4" not in said] == []


@pytest.mark.parametrize(("language", "scripts"), [("zh", True), ("en", True), ("zh", False)])
def test_the_whole_circle(shop: Shop, walk: Walks, field: Field, language: str, scripts: bool) -> None:
    ann, lea = walk(language, scripts), walk(language, scripts)
    issued, topped_up, unfinished, _ = SAID[language]
    ann.open("/")
    ann.look("login")
    ann.login("ann")
    ann.look("home-first")
    ann.open("/acts/issue")
    ann.look("reader")
    ann.page.locator("form.panel button.main").click()
    ann.act("open-drawer", counted_fen="200")
    ann.look("drawer-open")
    card = blank()
    field.place(card)
    ann.open("/")
    ann.page.locator("form[action='/read'] button").click()
    ann.page.locator("#amount_fen").fill("12,3")
    ann.page.locator("form.panel button.main").click()
    assert ann.page.locator("#amount_fen-error").count() == 1
    assert ann.page.locator("#amount_fen").input_value() == "12,3"
    ann.look("issue-wrong")
    ann.page.locator("#amount_fen").fill("100")
    ann.page.locator("form.panel button.main").click()
    assert ann.title() == issued and value_fen(card) == 10_000
    ann.look("receipt")
    uid = card.uid.hex().upper()
    card.arm_pull("commit-sent")
    ann.act("top-up", uid, amount_fen="50", where="reader")
    assert ann.title() == unfinished
    ann.look("unfinished")
    field.remove()
    field.place(card)
    ann.page.locator("form[action$='/again'] button").click()
    assert ann.title() == topped_up and value_fen(card) == 15_000
    field.remove()
    ann.act("top-up", uid, amount_fen="20", where="later")
    ann.open(f"/cards/{uid}")
    ann.look("card")
    _pass(ann, uid)
    _stay(shop, ann, uid)
    ann.open("/")
    ann.look("home")
    ann.act("top-up", uid, amount_fen="501", where="later")
    ann.look("waits")
    waits = ann.page.url
    lea.open("/")
    lea.login("lea")
    lea.open("/approvals")
    lea.look("approvals")
    lea.page.locator("button[value=yes]").click()
    lea.look("approvals-after")
    ann.page.goto(waits)
    ann.page.locator("form[action$='/again'] button").click()
    assert ann.title() == topped_up
    _lost_replaced_and_paid_out(ann, lea, field, uid, SAID[language])


def _pass(ann: Any, uid: str) -> None:
    ann.act("pass", uid, opens="16:00", reason="bought here")
    assert ann.page.locator(".error").count() == 2
    ann.look("pass-wrong")
    ann.act("pass", uid, visits="10", amount_fen="90", reason="bought here")
    ann.open(f"/cards/{uid}")
    ann.look("card-pass")
    ann.page.locator("a[href*='cancel-pass']").click()
    ann.page.locator("#reason").fill("moves away")
    ann.look("cancel-pass")
    ann.page.locator("form.panel button.main").click()
    assert "¥90.00" in ann.text()


def _stay(shop: Shop, ann: Any, uid: str) -> None:
    ann.act("pass", uid, minutes="620", visits="10", reason="bought here")
    assert ann.page.locator(".error").count() == 1
    ann.act("pass", uid, minutes="620", stay_min="240", reason="bought here")
    with book(shop.opened.database) as books:
        one = passes.of_card(books.connection, bytes.fromhex(uid), 1)[-1]
        stays.begin(books, one)
    ann.open(f"/cards/{uid}")
    ann.look("card-inside")
    ann.open("/")
    ann.look("home-inside")
    ann.page.locator(f"a[href*='{uid}']").first.click()
    ann.page.locator("a[href*='close-stay']").click()
    ann.page.locator("#reason").fill("left by the fire door")
    ann.look("close-stay")
    ann.page.locator("form.panel button.main").click()
    ann.look("stay-closed")


def _lost_replaced_and_paid_out(ann: Any, lea: Any, field: Field, uid: str, said: tuple[str, ...]) -> None:
    _, _, unfinished, refunded = said
    ann.act("lost", uid, reason="bus")
    ann.open(f"/cards/{uid}")
    ann.look("card-lost")
    new = blank(2)
    field.place(new)
    ann.act("issue")
    ann.open(f"/acts/replace?card={uid}")
    ann.look("replace")
    ann.act("replace", uid, reason="bus")
    assert value_fen(new) == 15_000 + 2_000 + 50_100
    ann.act("refund", new.uid.hex(), reason="moves away")
    assert ann.title() == unfinished, "above the limit"
    lea.open("/approvals")
    with lea.page.expect_navigation():
        lea.page.locator("button[value=yes]").click()
    ann.page.locator("a.button.main").click()
    ann.page.locator("form[action$='/again'] button").click()
    assert ann.title() == refunded and value_fen(new) == 0
    ann.act("close-drawer", counted_fen="199.5")
    assert "−¥0.50" in ann.text()
    ann.open("/till")
    ann.look("till")
    ann.open("/cards/99")
    ann.look("not-found")


@pytest.mark.parametrize(("language", "scripts"), [("zh", True), ("en", True), ("zh", False)])
def test_a_kiosk_is_configured(shop: Shop, walk: Walks, language: str, scripts: bool) -> None:
    boss = walk(language, scripts)
    bring(shop)
    begin(shop)
    boss.open("/")
    boss.login("boss")
    boss.page.locator("nav a[href='/kiosks']").click()
    boss.look("kiosks")
    boss.page.locator("main a[href='/kiosks/K1']").click()
    boss.look("kiosk")
    boss.page.locator("#prices").fill("美甲 = 88\n洗头 三十")
    boss.page.locator("#hours").fill("10:00-22:00")
    boss.page.locator("form.panel button.main").click()
    assert boss.page.locator(".error").count() == 1
    assert boss.page.locator("#hours").input_value() == "10:00-22:00"
    boss.look("kiosk-wrong")
    boss.page.locator("#prices").fill("美甲 = 88\n洗头 = 30")
    boss.page.locator("#title").fill("兰亭")
    boss.page.locator("form.panel button.main").click()
    boss.page.wait_for_url("**/kiosks/K1?told=2")
    boss.look("kiosk-told")
    wanted = Config(
        2500, mode="list", prices=(("美甲", 8800), ("洗头", 3000)), hours=((600, 1320),), title="兰亭"
    )
    assert shop.look(configs.newest, 1) == (2, wanted)
    boss.page.locator("#reason").fill("the fair is on")
    boss.page.locator("form[action$='/hold'] button").click()
    boss.page.wait_for_url("**/kiosks/K1")
    boss.look("kiosk-held")
    assert "the fair is on" in boss.text()


def test_the_keyboard_does_it_all_and_a_form_is_sent_once(walk: Walks, field: Field) -> None:
    ann = walk("en")
    ann.open("/")
    ann.page.wait_for_function("document.activeElement.tagName == 'INPUT'")  # keys typed sooner go nowhere
    ann.page.keyboard.type("ann")
    ann.page.keyboard.press("Tab")
    ann.page.keyboard.type(walks.PASSWORD)
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_url(f"{ann.address}/")
    ann.page.keyboard.press("Tab")
    assert ann.page.evaluate("document.activeElement.className") == "skip"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    ann.page.keyboard.press("Enter")
    assert ann.page.evaluate("document.activeElement.id") == "main"
    ann.page.keyboard.press("Tab")
    assert ann.page.evaluate("document.activeElement.getAttribute('href')") == "/acts/open-drawer"
    assert ann.page.evaluate(outline) == "solid"
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_url("**/acts/open-drawer")
    ann.page.locator("#counted_fen").focus()
    ann.page.keyboard.type("abc")
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_selector("#counted_fen-error")
    assert ann.page.evaluate("document.activeElement.id") == "counted_fen", "where it is to be corrected"
    ann.page.keyboard.press("Control+A")
    ann.page.keyboard.type("200")
    ann.page.evaluate(
        "window.sent = 0; document.querySelector('form.panel').addEventListener('submit', (event) => {"
        " if (!event.defaultPrevented) window.sent += 1; event.preventDefault(); })"
    )
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.press("Enter")
    assert ann.page.evaluate("window.sent") == 1
