"""What a browser keeps for us, and what every form proves: that it is ours.

Cookies, none of them readable by a script or sent by another site: the token of the login; the reader that
this desk uses; the language; before a login, a number of this visit. A form carries a digest of the token (or
of the visit's number), which no other site can know.
"""

import hashlib
import hmac
import secrets

from flask import Request, Response, g, request

from host.errors import Refused
from host.web import texts

TOKEN, READER, LANGUAGE, VISIT = (
    "tapledger-login",
    "tapledger-reader",
    "tapledger-language",
    "tapledger-visit",
)
YEAR_S = 365 * 24 * 3600


def open_(asked: Request) -> None:
    """g.token, g.visit, g.csrf, g.reader, g.language and g.here of this request.

    g.here: where a person may go back to, never a page that only takes forms.
    """
    g.token = asked.cookies.get(TOKEN, "")
    g.visit = asked.cookies.get(VISIT, "")
    g.new_visit = "" if g.token or g.visit else secrets.token_urlsafe(18)
    g.csrf = form_digest(g.token or g.visit or g.new_visit)
    g.reader = asked.cookies.get(READER, "")
    g.language = texts.choose(asked.cookies.get(LANGUAGE), asked.accept_languages)
    g.here = safe(asked.full_path.rstrip("?")) if asked.method in ("GET", "HEAD") else "/"


def form_digest(secret: str) -> str:
    """What a form of ours carries."""
    return hashlib.sha256(f"form {secret}".encode("utf-8", "replace")).hexdigest()


def must_be_our_form(asked: Request) -> None:
    """Refused 403 for a form that this browser did not get from us."""
    given = asked.form.get("csrf", "").encode()
    g.here = safe(asked.form.get("here"))
    if not (g.token or g.visit) or not hmac.compare_digest(given, g.csrf.encode()):
        raise Refused(403, "form", "This form is too old, or not ours: open the page again, fill it in anew.")


def safe(path: str | None) -> str:
    """A path on this host; "/" for anything else."""
    fit = bool(path) and path is not None and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if fit and path is not None and path.isprintable() else "/"


def keep(answer: Response, name: str, value: str, age_s: int | None = None) -> None:
    """A cookie of ours; an empty value takes it away."""
    if not value:
        answer.delete_cookie(name, httponly=True, samesite="Strict", secure=request.is_secure)
        return
    answer.set_cookie(name, value, max_age=age_s, httponly=True, samesite="Strict", secure=request.is_secure)


def keep_visit(answer: Response) -> None:
    """Whoever has no login yet gets a number, so that the login's form can be told from a foreign one."""
    if g.get("new_visit"):
        keep(answer, VISIT, g.new_visit)
