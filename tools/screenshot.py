"""Takes the pictures of README and docs/desk.md: `python -m tools.screenshot` (needs apt package chromium).

Starts the demo on a folder of its own, lays a card on the kiosk and photographs the page while it says paid;
then has the demo's clerk issue a card.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "images" / "page.png"
DESK = OUT.with_name("desk.png")
CHROMIUM = Path("/usr/bin/chromium")
TIMEOUT_MS = 15_000


def photograph(browser: Browser, address: str, out: Path, language: str) -> None:
    """Pay with the first card in the tray and keep the page as a PNG, 1280 x 800."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{address}/?lang={language}")
    card = page.locator("#tray .card").first
    before = card.locator(".value").inner_text()
    card.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pad .card .value")).not_to_have_text(before, timeout=TIMEOUT_MS)
    expect(page.locator("#green.lit")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.locator("#pending")).to_have_attribute("data-kind", "good", timeout=TIMEOUT_MS)
    page.screenshot(path=str(out))


def photograph_desk(browser: Browser, address: str, out: Path, language: str) -> None:
    """Issue the blank card on the desk reader as the demo's clerk and keep its page, 1280 x 736.

    Without the bar at its top, which names the reader by a path of the moment.
    """
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-CN" if language == "zh" else "en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{address}/?lang=en")
    page.locator("#tray .to-desk").last.click()
    expect(page.locator("#desk-pad .card")).to_be_visible(timeout=TIMEOUT_MS)
    _, name, _, word = page.locator("#people li").first.inner_text().replace(",", "").split()
    page.goto(page.locator("#clerk-page").get_attribute("href") or "")
    for field, text in (("name", name), ("password", word)):
        page.locator(f"#{field}").fill(text)
    page.locator("form.panel button.main").click()
    page.locator("a[href='/acts/open-drawer']").first.click()
    page.locator("#counted_fen").fill("300")
    page.locator("form.panel button.main").click()
    page.locator("header nav a").first.click()
    page.locator("a[href='/acts/issue']").click()
    page.locator("form.panel button.main").click()  # the reader that is offered
    page.locator("#amount_fen").fill("100")
    page.locator("form.panel button.main").click()
    page.locator(".receipt a.main").click()
    expect(page.locator(".balance")).to_contain_text("100.00", timeout=TIMEOUT_MS)
    page.screenshot(path=str(out), clip={"x": 0, "y": 64, "width": 1280, "height": 736})
    context.close()


def main() -> int:
    """Write docs/images/page.png and desk.png."""
    if not CHROMIUM.exists():
        print("needs apt package chromium: apt install chromium fonts-noto-cjk", file=sys.stderr)
        return 2
    OUT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tapledger-picture-") as data:
        command = [sys.executable, "-m", "simulator", "demo", "--data", data, "--port", "0", "--no-open"]
        demo = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert demo.stdout is not None
        try:
            address = demo.stdout.readline().strip()
            with sync_playwright() as playwright:
                arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
                browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
                photograph(browser, address, OUT, "zh")
                photograph_desk(browser, address, DESK, "en")
                browser.close()
        finally:
            demo.terminate()
            demo.wait(20)
    print(f"wrote {OUT.relative_to(ROOT)} and {DESK.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
