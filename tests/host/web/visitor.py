"""A browser without a script: it follows links, fills forms in as they came, and sees what a person sees."""

import html
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from host import operators
from host.operators import Operator, password
from tests.host.rig import Shop

PASSWORD = "a good long word"
_INPUT = re.compile(r"<(?:input|button)\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


class Page:
    """What came back, at the end of its redirects."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.path = response.request.full_path.rstrip("?")
        self.html = response.get_data(as_text=True)
        self.text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.html)).split())

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form that is sent there, as they are filled in."""
        body = re.search(rf'<form\b[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.html, re.S)
        assert body is not None, f"no form {action} in: {self.text}"
        given = {}
        for tag in _INPUT.findall(body[1]):
            about = dict(_ATTRIBUTE.findall(tag))
            chosen = about.get("type") not in ("radio", "checkbox") or " checked" in tag
            if "name" in about and not tag.startswith("<button") and chosen:
                given[about["name"]] = html.unescape(about.get("value", ""))
        return given

    def areas(self) -> dict[str, str]:
        """What stands in the fields of several lines."""
        found = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', self.html, re.S)
        return {name: html.unescape(text) for name, text in found}

    def error_of(self, field: str) -> str:
        found = re.search(rf'id="{field}-error">([^<]*)<', self.html)
        return html.unescape(found[1]) if found else ""


class Visitor:
    """One operator's browser."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self.client = client
        self.name = name

    @classmethod
    def new(cls, shop: Shop, app: Flask, name: str, *roles: str, language: str = "en") -> "Visitor":
        """A new operator who has logged in by the page; limits 500 and 200 yuan."""
        with shop.opened.database.write() as connection:
            operators.add(connection, Operator(name, roles, 50_000, 20_000), password.make(PASSWORD), "x")
        made = cls(app.test_client(), name)
        made.client.set_cookie("tapledger-language", language)
        page = made.login(PASSWORD)
        assert page.path == "/", page.text
        return made

    def login(self, word: str) -> Page:
        return self.send("/login", self.get("/login").form("/login") | {"name": self.name, "password": word})

    def get(self, path: str) -> Page:
        return Page(self.client.get(path, follow_redirects=True))

    def send(self, path: str, given: dict[str, Any]) -> Page:
        return Page(self.client.post(path, data=given, follow_redirects=True))

    def fill(self, act: str, card: str | None = None, **typed: Any) -> tuple[str, dict[str, Any]]:
        """(where, what) of an act's form, filled in but not sent."""
        page = self.get(f"/acts/{act}?card={card}" if card else f"/acts/{act}")
        assert page.status == 200, page.text
        return f"/acts/{act}", page.form(f"/acts/{act}") | typed

    def act(self, act: str, card: str | None = None, **typed: Any) -> Page:
        return self.send(*self.fill(act, card, **typed))

    def again(self, page: Page) -> Page:
        """Press Continue."""
        (path,) = re.findall(r'action="(/done/\d+/again)"', page.html)
        return self.send(path, page.form(path))
