import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from host.cards import readers
from host.cards.readers import CardConnection, ReaderError
from host.service import Service
from host.terminals.intake import ahead
from tests.host.rig import DirectConnection, Shop, blank
from tests.waiting import until


@pytest.fixture
def service(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Service:
    """One card on a reader with many names."""
    card = blank()

    @contextmanager
    def connect(name: str) -> Iterator[CardConnection]:
        if name == "none":
            raise ReaderError("no such reader")
        yield DirectConnection(card)

    monkeypatch.setattr(readers, "connect", connect)
    monkeypatch.setattr(readers, "WAIT_S", 0.05)
    return Service(shop.opened, "127.0.0.1", 1)


def test_messages_are_opened_ahead_where_a_core_is_free_for_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cores, shared, expected in ((2, False, True), (1, False, False), (2, True, False)):
        monkeypatch.setattr(ahead, "is_worth_it", lambda cores=cores: cores > 1)
        service = Service(shop.opened, "127.0.0.1", 1, shared=shared)
        assert service.intake._ahead._may is expected


def test_one_desk_session_at_a_time_whatever_the_reader_is_called(service: Service) -> None:
    with service.reader("pcsc:ACR"):
        for name in ("pcsc:ACR", "pcsc:ACR122", "usb"):
            with pytest.raises(ReaderError, match="desk is busy"), service.reader(name):
                pytest.fail("two sessions with one card")
    with service.reader("usb"):
        pass


def test_a_fault_in_a_session_frees_the_desk(service: Service) -> None:
    with pytest.raises(ReaderError, match="no such reader"), service.reader("none"):
        pass
    with pytest.raises(KeyError), service.reader("usb"):
        raise KeyError
    with service.reader("usb"):
        pass


def test_who_comes_while_the_desk_is_busy_waits_for_its_turn(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "WAIT_S", 10)
    order: list[str] = []

    def second() -> None:
        order.append("asks")
        with service.reader("usb"):
            order.append("second")

    with service.reader("pcsc:ACR"):
        thread = threading.Thread(target=second)
        thread.start()
        until(lambda: order)
        order.append("first ends")
    thread.join(10)
    assert order == ["asks", "first ends", "second"]
