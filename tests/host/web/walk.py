"""A clerk in a real browser: every page that is looked at is held against axe, and against its own width."""

import json
import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

PASSWORD = "a good long word"
WIDTHS = (375, 768, 1280)
TIMEOUT_MS = 20_000
STYLES = ("light", "dark")


class Walk:
    """One browser context. scripts: does it run any? pictures: where what was seen is kept, if anywhere."""

    def __init__(self, browser: Any, address: str, language: str, scripts: bool = True) -> None:
        self.address = address
        self.browser = browser
        self.language = language
        self.context = browser.new_context(
            locale="zh-CN" if language == "zh" else "en-GB",
            java_script_enabled=scripts,
            viewport={"width": 1280, "height": 900},
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(TIMEOUT_MS)
        self.scripts = scripts
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.pictures = Path(os.environ["TAPLEDGER_PICTURES"]) if "TAPLEDGER_PICTURES" in os.environ else None

    def login(self, name: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.locator("#name").fill(name)
        self.page.locator("#password").fill(PASSWORD)
        self.page.locator("form.panel button.main").click()

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def act(self, act: str, card: str | None = None, **typed: str) -> None:
        """Fill the form of an act in and send it."""
        self.open(f"/acts/{act}?card={card}" if card else f"/acts/{act}")
        for field, value in typed.items():
            choice = self.page.locator(f"[name={field}][value='{value}']:not([type=hidden])")
            if choice.count():
                choice.check()
            else:
                self.page.locator(f"#{field}").fill(value)
        self.page.locator("form.panel button.main").click()

    def title(self) -> str:
        return str(self.page.locator("h1").inner_text())

    def text(self) -> str:
        return str(self.page.locator("main").inner_text())

    def look(self, name: str) -> None:
        """Nothing to find for axe in light and dark, nothing that sticks out at any width."""
        if not self.scripts:
            return
        self.page.wait_for_load_state()  # a link was followed: axe finds no document on the way
        for style in STYLES:
            self.page.emulate_media(color_scheme=style)
            found = Axe().run(self.page).response["violations"]
            told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
            assert told == [], (name, style, json.dumps(told, ensure_ascii=False, indent=1))
            if self.pictures:
                self._picture(f"{name}-{self.language}-{style}")
        self.page.emulate_media(color_scheme="light")
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            if self.pictures and width == min(WIDTHS):
                self._picture(f"{name}-{self.language}-narrow")
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def _picture(self, name: str) -> None:
        assert self.pictures is not None
        self.page.screenshot(path=str(self.pictures / f"{name}.png"), full_page=True)
