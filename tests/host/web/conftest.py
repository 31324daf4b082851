from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from host.api.app import create_app
from host.db import engine, whereabouts
from host.intercom import SOCKET_NAME
from host.intercom.client import Caller
from host.intercom.server import Server, listen
from host.processes import handlers
from host.service import Service
from host.web import app as pages
from simulator.reader import Field, Pn532, PtyReader
from tests.host.rig import Shop, blank
from tests.host.web.visitor import Visitor
from tests.waiting import until


@pytest.fixture
def service(shop: Shop) -> Service:
    return Service(shop.opened, "127.0.0.1", 1883)


@pytest.fixture
def intake(service: Service, data: Path) -> Iterator[Server]:
    """The other end of the socket; a test may stop it."""
    with listen(data) as listener:
        server = Server(listener, handlers.table(service), service.database.bell)
        server.start()
        yield server
        server.stop(5)


@pytest.fixture
def field_and_reader() -> Iterator[tuple[Field, str]]:
    field = Field()
    reader = PtyReader(Pn532(field))
    reader.start()
    yield field, f"tty:{reader.path}"
    reader.stop()


@pytest.fixture
def field(field_and_reader: tuple[Field, str]) -> Field:
    return field_and_reader[0]


@pytest.fixture
def application(intake: Server, data: Path, field_and_reader: tuple[Field, str]) -> Iterator[Flask]:
    """API and pages as the web process has them."""
    books = engine.open_existing(whereabouts.place(data), read_only=True)
    caller = Caller(data / SOCKET_NAME)
    app = create_app(books, caller)
    pages.hang(app, books, caller, (field_and_reader[1],))
    yield app
    caller.close()
    books.close()


@pytest.fixture
def ann(shop: Shop, application: Flask, field_and_reader: tuple[Field, str]) -> Visitor:
    """A clerk with an open drawer and a reader, in English."""
    ann = Visitor.new(shop, application, "ann", "clerk")
    ann.client.set_cookie("tapledger-reader", field_and_reader[1])
    ann.act("open-drawer", counted_fen="200")
    return ann


@pytest.fixture
def lea(shop: Shop, application: Flask, field_and_reader: tuple[Field, str]) -> Visitor:
    lea = Visitor.new(shop, application, "lea", "lead")
    lea.client.set_cookie("tapledger-reader", field_and_reader[1])
    return lea


@pytest.fixture
def uid(ann: Visitor, field: Field) -> str:
    """An empty purse card that is not on the reader."""
    card = blank()
    field.place(card)
    # a machine that stands still for a moment loses the reader: then a clerk tries again
    until(lambda: "Card issued" in ann.act("issue").text)
    field.remove()
    return card.uid.hex().upper()
