"""The page's server side: files, one stream of events, and the few things a hand can do.

It listens on 127.0.0.1, but any page in the browser can send requests there, so a request must name this
address as its host (no DNS rebinding) and, to change something, come from this very page. The operator
token of the host stays here; the page never sees it.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, jsonify, request, send_from_directory
from werkzeug.exceptions import HTTPException

from simulator.board import BoardError
from simulator.host import HostDown, HostRefusal
from simulator.web.feed import Event
from simulator.web.setup import ShopError
from simulator.web.shop import Shop

STATIC: Final = Path(__file__).parent / "static"
COLOURS: Final = "colours.css"  # the clerk's page's, of the host that we start
_HOST_STATIC: Final = Path(__file__).parents[2] / "host" / "web" / "static"
_BODY_BYTES_MAX: Final = 4096
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(shop: Shop, port: int) -> Flask:
    """The WSGI application for a page at http://127.0.0.1:port."""
    app = Flask("simulator.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _BODY_BYTES_MAX
    app.logger.setLevel(logging.ERROR)
    hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
    _guard(app, hosts)
    _errors(app)

    @app.get("/")
    def page() -> Response:
        return send_from_directory(STATIC, "index.html")

    @app.get("/static/<path:name>")
    def static_file(name: str) -> Response:
        return send_from_directory(_HOST_STATIC if name == COLOURS else STATIC, name)

    @app.get("/events")
    def events() -> Response:
        return Response(_stream(shop.feed.listen()), mimetype="text/event-stream")

    actions: dict[str, Callable[[dict[str, Any]], None]] = {
        "place": lambda body: shop.place(_field(body, "card", str), _where(body)),
        "remove": lambda body: shop.remove(_where(body)),
        "network": lambda body: shop.network(_field(body, "up", bool)),
        "language": lambda body: shop.language(_field(body, "language", str)),
        "mode": lambda body: shop.mode(_field(body, "mode", str)),
        "press": lambda body: shop.press(_field(body, "key", str)),
        "power": lambda body: shop.power(_field(body, "on", bool)),
    }

    @app.post("/do/<action>")
    def do(action: str) -> tuple[Response, int]:
        if action not in actions:
            return _error(404, "action", f"there is no action {action!r}: use {', '.join(actions)}")
        body = request.get_json()
        if not isinstance(body, dict):
            raise ShopError("json", "expected a JSON object")
        actions[action](body)
        return jsonify(ok=True), 200

    return app


def _guard(app: Flask, hosts: set[str]) -> None:
    @app.before_request
    def check() -> tuple[Response, int] | None:
        if request.host not in hosts:
            return _error(403, "host", f"this server is {' or '.join(sorted(hosts))}, not {request.host}")
        origin = request.headers.get("Origin")
        if origin is None and request.method not in ("GET", "HEAD"):
            return _error(403, "origin", "a change must come from this page: send its Origin header")
        if origin is not None and origin != f"http://{request.host}":
            return _error(403, "origin", "this page belongs to another site")
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and request.path != "/":
            return _error(403, "origin", "another site asked for this")
        return None

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response


def _errors(app: Flask) -> None:
    @app.errorhandler(ShopError)
    def refused(error: ShopError) -> tuple[Response, int]:
        return _error(400, error.code, str(error))

    @app.errorhandler(BoardError)
    def board(error: BoardError) -> tuple[Response, int]:
        return _error(503, "board", str(error))

    @app.errorhandler(HostDown)
    @app.errorhandler(HostRefusal)
    def host(error: Exception) -> tuple[Response, int]:
        return _error(503, "host", str(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response, int]:
        return _error(error.code or 500, "http", error.description or error.name)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> tuple[Response, int]:
        app.logger.error("unforeseen: %s", error, exc_info=error)
        return _error(500, "unforeseen", "something went wrong here; the simulator's log has the details")


def _error(status: int, code: str, sentence: str) -> tuple[Response, int]:
    return jsonify(error=sentence, code=code), status


def _field(body: dict[str, Any], name: str, kind: type) -> Any:
    value = body.get(name)
    if not isinstance(value, kind):
        raise ShopError(
            "field", f"expected the field {name!r} as {'text' if kind is str else 'true or false'}"
        )
    return value


def _where(body: dict[str, Any]) -> str:
    """The kiosk, unless the page says the desk."""
    where = str(body.get("where", "kiosk"))
    if where not in ("kiosk", "desk"):
        raise ShopError("where", "a card is put on the kiosk or on the desk")
    return where


def _stream(listener: Iterator[list[Event]]) -> Iterator[str]:
    for events in listener:
        if not events:
            yield ": still here\n\n"
        for kind, content in events:
            if kind == "screen":
                first, rows = content
                content = {"first": first, "rows": base64.b64encode(rows).decode()}
            yield f"event: {kind}\ndata: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"
