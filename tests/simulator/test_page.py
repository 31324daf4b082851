"""The page in a real browser: cards moved by mouse and by keyboard, both languages, narrow and wide."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs apt package chromium")
sync_api = pytest.importorskip("playwright.sync_api", reason="needs pip package playwright")

PAGE_TIMEOUT_MS = 20_000
sync_api.expect.set_options(timeout=PAGE_TIMEOUT_MS)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("page")
    demo = subprocess.Popen(
        [sys.executable, "-m", "simulator", "demo", "--data", str(data), "--port", "0", "--no-open"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    yield demo.stdout.readline().strip()
    demo.terminate()
    demo.communicate(timeout=60)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        made = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield made
        made.close()


class Visit:
    """One page, with all that its console said."""

    def __init__(self, browser, address: str, width: int = 1280, height: int = 800, **options) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PAGE_TIMEOUT_MS)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector("#tray .card, #pad .card")

    def card(self, name: str):
        return self.page.locator(".card", has_text=name)

    def value(self, name: str) -> str:
        return self.card(name).locator(".value").inner_text()

    def wait_value(self, name: str, value: str) -> None:
        sync_api.expect(self.card(name).locator(".value")).to_have_text(value)

    def wait_on_kiosk(self, name: str, there: bool) -> None:
        place = "#pad" if there else "#tray"
        self.page.wait_for_selector(f"{place} .card:has-text('{name}')")


@pytest.fixture
def visit(browser, address: str, request) -> Iterator[Visit]:
    made = Visit(browser, address, **getattr(request, "param", {}))
    yield made
    # Leave the kiosk free for the next test, however this one ended.
    if made.page.locator("#pad .card").count():
        made.page.locator("#pad .card").click()
        made.page.wait_for_selector("#pad:not(:has(.card))", state="attached")
    made.context.close()
    assert made.complaints == []


def fen(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


def yuan(amount_fen: int) -> str:
    return f"¥{amount_fen // 100}.{amount_fen % 100:02d}"


def test_a_card_dragged_by_mouse_pays(visit: Visit) -> None:
    left = yuan(fen(visit.value("李雷")) - 2500)
    visit.card("李雷").drag_to(visit.page.locator("#kiosk"))
    visit.wait_on_kiosk("李雷", True)
    visit.wait_value("李雷", left)
    row = visit.page.locator("#lines tr", has_text="卡 李雷").first
    sync_api.expect(row.locator(".after")).to_have_text(left)
    sync_api.expect(row.locator(".sum").first).to_have_text("−¥25.00")
    sync_api.expect(visit.page.locator("#spoken")).to_contain_text("支付成功")
    assert len(set(visit.page.evaluate(PIXELS))) > 1
    box = visit.page.locator("#tray").bounding_box()
    visit.card("李雷").hover()
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 20, steps=5)
    visit.page.mouse.up()
    visit.wait_on_kiosk("李雷", False)
    visit.wait_value("李雷", left)


def test_an_amount_typed_at_the_keys_is_paid(visit: Visit) -> None:
    said, keys = visit.page.locator("#screen-label"), visit.page.locator("#keys")
    sync_api.expect(keys).to_be_hidden()
    try:
        visit.page.locator("#mode").select_option("keypad")
        sync_api.expect(said).to_contain_text("请输入金额")
        for key in ("1", "2", "0"):
            keys.get_by_role("button", name=key, exact=True).click()
        sync_api.expect(said).to_contain_text("¥1.20")
        keys.get_by_role("button", name="确认").click()
        sync_api.expect(said).to_contain_text("请刷卡")
        left = yuan(fen(visit.value("李雷")) - 120)
        visit.card("李雷").focus()
        visit.page.keyboard.press("Enter")
        visit.wait_value("李雷", left)
    finally:
        visit.page.locator("#mode").select_option("fixed")
    sync_api.expect(keys).to_be_hidden()


PIXELS = "[...document.getElementById('screen').getContext('2d').getImageData(0, 0, 240, 240).data]"


@pytest.mark.parametrize("key", ["Enter", " "], ids=["Enter", "Space"])
def test_a_card_moved_by_keyboard_pays_and_keeps_the_focus(visit: Visit, key: str) -> None:
    left = yuan(fen(visit.value("李雷")) - 2500)
    visit.card("李雷").focus()
    visit.page.keyboard.press(key)
    visit.wait_on_kiosk("李雷", True)
    visit.wait_value("李雷", left)
    assert visit.card("李雷").get_attribute("aria-pressed") == "true"
    assert "李雷" in visit.page.evaluate("document.activeElement.textContent")
    visit.page.keyboard.press(key)
    visit.wait_on_kiosk("李雷", False)


@pytest.mark.parametrize("visit", [{"width": 375, "height": 812, "has_touch": True}], indirect=True)
def test_a_finger_moves_a_card_on_a_narrow_screen(visit: Visit) -> None:
    visit.card("韩梅梅").tap()
    visit.wait_on_kiosk("韩梅梅", True)
    sync_api.expect(visit.page.locator("#spoken")).to_contain_text("余额不足")
    assert visit.value("韩梅梅") == "¥12.00"


@pytest.mark.parametrize("width", [375, 768, 1280])
def test_nothing_sticks_out_at_any_width(browser, address: str, width: int) -> None:
    for language in ("zh", "en"):
        visit = Visit(browser, f"{address}/?lang={language}", width=width)
        assert visit.page.evaluate("document.documentElement.scrollWidth") == width
        outside = visit.page.evaluate(
            "[...document.querySelectorAll('.card span')]"
            ".filter(part => part.getBoundingClientRect().right > "
            "part.closest('.card').getBoundingClientRect().right).length"
        )
        assert outside == 0
        visit.context.close()


def test_the_language_is_switched_and_remembered(visit: Visit) -> None:
    page = visit.page
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.locator("#language").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Cards" in page.locator("#cards-title").inner_text()
    page.goto(page.url.split("?")[0])
    sync_api.expect(page.locator("#cards-title")).to_have_text("Cards")


def test_both_languages_have_the_same_words(visit: Visit) -> None:
    keys = visit.page.evaluate(
        "import('/static/texts.js').then(({TEXTS}) => Object.values(TEXTS).map(words => Object.entries(words)"
        ".map(([key, word]) => typeof word === 'string' || key === 'names' ? key : key + Object.keys(word))))"
    )
    assert keys[0] == keys[1]


def test_a_blank_card_goes_to_the_desk_and_from_there_to_the_kiosk(visit: Visit) -> None:
    page, blank = visit.page, visit.card("新卡甲")
    assert "空白卡" in blank.inner_text()
    page.locator("#tray li", has_text="新卡甲").locator(".to-desk").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk-pad .card:has-text('新卡甲')")
    sync_api.expect(page.locator("#spoken")).to_contain_text("前台读卡器")
    page.locator("#desk-pad .card").click()
    page.wait_for_selector("#tray .card:has-text('新卡甲')")
    visit.card("新卡甲").drag_to(page.locator("#desk"))
    page.wait_for_selector("#desk-pad .card:has-text('新卡甲')")
    visit.card("新卡乙").drag_to(page.locator("#desk"))
    page.wait_for_selector("#desk-pad .card:has-text('新卡乙')")
    page.wait_for_selector("#tray .card:has-text('新卡甲')")
    visit.card("新卡乙").drag_to(page.locator("#kiosk"))
    visit.wait_on_kiosk("新卡乙", True)
    assert page.locator("#desk-pad .card").count() == 0, "a card lies in one place"


def test_the_clerk_of_the_demo_issues_the_card_on_its_desk(visit: Visit) -> None:
    role, name, word = re.findall(
        r"(店员) (\w+)，密码 ([0-9-]+)", visit.page.locator("#people").inner_text()
    )[0]
    assert role and visit.page.locator("#people li").count() == 2
    visit.page.locator("#tray li", has_text="新卡甲").locator(".to-desk").click()
    visit.page.wait_for_selector("#desk-pad .card:has-text('新卡甲')")
    clerk = visit.page.context.new_page()
    clerk.goto(visit.page.locator("#clerk-page").get_attribute("href"))
    clerk.locator("#name").fill(name)
    clerk.locator("#password").fill(word)
    clerk.locator("form.panel button.main").click()
    clerk.locator("a[href='/acts/open-drawer']").first.click()
    clerk.locator("#counted_fen").fill("100")
    clerk.locator("form.panel button.main").click()
    clerk.locator("nav a").first.click()
    clerk.locator("a[href='/acts/issue']").click()
    clerk.locator("form.panel button.main").click()  # the reader that is offered
    clerk.locator("#amount_fen").fill("30")
    clerk.locator("form.panel button.main").click()
    sync_api.expect(clerk.locator(".receipt")).to_contain_text("¥30.00")
    visit.wait_value("新卡甲", "¥30.00")
    visit.page.locator("#desk-pad .card").click()
    visit.page.wait_for_selector("#tray .card:has-text('新卡甲')")


def test_the_network_switch_shows_on_the_page(visit: Visit) -> None:
    visit.page.locator("#network").click()
    sync_api.expect(visit.page.locator("#link")).to_have_text("断开")
    visit.page.locator("#network").click()
    sync_api.expect(visit.page.locator("#link")).to_have_text("联机")
    assert visit.page.locator("#network").get_attribute("aria-checked") == "true"
