"""Who asks, and that a form is ours: foreign forms, ended sessions, wrong passwords, cookies and headers."""

import re

import pytest
from flask import Flask

from host import clock
from tests.host.web.visitor import Visitor


def posts(app: Flask) -> set[str]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("web.")]
    return {rule.rule for rule in rules if "POST" in (rule.methods or ())}


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "é"])
def test_no_form_is_taken_without_its_digest(application: Flask, ann: Visitor, csrf: str | None) -> None:
    for rule in posts(application):
        path = re.sub(r"<(int[^:>]*:)?(number|name|outside:unknown)>", "1", rule)
        page = ann.send(path, {} if csrf is None else {"csrf": csrf})
        assert page.status == 403 and "did not come from here" in page.text, path
    assert ann.get("/till").text.count("opened") == 1, "the drawer is as it was"


def test_a_form_of_another_login_is_not_taken(ann: Visitor, lea: Visitor) -> None:
    where, what = ann.fill("close-drawer", counted_fen="200")
    assert lea.send(where, what).status == 403
    stranger = Visitor(ann.client.application.test_client(), "ann")
    assert stranger.send("/login", {"name": "ann", "password": "x"}).status == 403


def test_nothing_is_shown_without_a_login(application: Flask, ann: Visitor) -> None:
    stranger = Visitor(application.test_client(), "nobody")
    for path in ("/", "/till", "/approvals", "/cards/1", "/acts/issue", "/done/1", "/reader", "/nothing"):
        page = stranger.get(path)
        assert page.path.startswith("/login?next=") and "登录" in page.text, path
    assert "ann" not in stranger.get("/").text


@pytest.mark.parametrize(
    "leads", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "/a\nb"]
)
def test_a_login_leads_only_to_this_host(application: Flask, ann: Visitor, leads: str) -> None:
    form = ann.get("/login").form("/login") | {"name": "ann", "password": "a good long word", "next": leads}
    answer = ann.client.post("/login", data=form)
    assert (answer.status_code, answer.location) == (303, "/")


def test_cookies_and_headers_keep_the_login_to_this_page(application: Flask, ann: Visitor) -> None:
    form = ann.get("/login").form("/login") | {"name": "ann", "password": "a good long word"}
    for base, secure in (("http://localhost", False), ("https://localhost", True)):
        answer = application.test_client()
        given = Visitor(answer, "ann").get("/login").form("/login")
        made = answer.post("/login", data={**form, "csrf": given["csrf"]}, base_url=base)
        if secure:  # the visit's cookie was given without TLS: it is asked for again
            continue
        cookie = made.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
    page = ann.client.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    for path in ("/", "/till", "/acts/issue", "/login"):
        shown = ann.client.get(path).get_data(as_text=True)
        assert not re.search(r"<script(?! src)|\son[a-z]+=|style=", shown), path


def test_wrong_passwords_wait_longer_and_longer(ann: Visitor) -> None:
    for _ in range(3):
        page = ann.login("wrong")
        assert page.status == 401 and "Name or password is wrong" in page.text
        assert 'value="ann"' in page.html and "wrong" not in page.form("/login").values()
    page = ann.login("a good long word")
    assert page.status == 429 and re.search(r"try again in \d+ seconds", page.text)
    assert ann.login("").status == 400


def test_a_session_that_ended_leads_to_the_login_and_back(
    ann: Visitor, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what = ann.fill("top-up", uid, amount_fen="10", where="later")
    later_s = clock.now_s() + 13 * 3600
    monkeypatch.setattr(clock, "now_s", lambda: later_s)
    page = ann.send(where, what)
    assert page.path.startswith("/login?next=/acts/top-up") and "was not done" in page.text
    form = page.form("/login") | {"name": "ann", "password": "a good long word"}
    back = ann.send("/login", form)
    assert back.path.startswith("/acts/top-up?card=") and back.status == 200


def test_logged_out_is_logged_out(ann: Visitor) -> None:
    token = ann.client.get_cookie("tapledger-login")
    assert token is not None
    assert ann.send("/logout", ann.get("/").form("/logout")).path == "/login"
    ann.client.set_cookie("tapledger-login", token.value)
    assert ann.get("/").path.startswith("/login"), "the token is of no use any more"
