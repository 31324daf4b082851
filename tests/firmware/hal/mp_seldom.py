"""What was imported for one use is gone after it, and what runs meanwhile runs on."""

MICROPYTHON_ONLY = True

import gc
import sys

from hal import seldom


def left_of(use) -> int:
    """Bytes that a use leaves on the heap."""
    gc.collect()
    before = gc.mem_alloc()
    use()
    seldom.forget()
    gc.collect()
    return gc.mem_alloc() - before


def test_a_module_is_forgotten_by_name_and_by_its_package():
    import protocol.wire

    seldom.keep()
    from protocol.wire import topics

    assert protocol.wire.topics is topics
    seldom.forget()
    assert "protocol.wire.topics" not in sys.modules
    assert not hasattr(protocol.wire, "topics")
    assert "protocol.wire" in sys.modules


def test_what_was_there_before_stays():
    from protocol.wire import topics

    seldom.keep()
    seldom.forget()
    from protocol.wire import topics as again

    assert again is topics


def test_a_use_leaves_nothing_on_the_heap():

    def use():
        from protocol.card import layout

        assert layout.KEY_READ == 1

    seldom.keep()
    left_of(use)  # the first one adds names, which stay
    assert left_of(use) < 100


def test_who_runs_code_that_was_forgotten_runs_on():

    seldom.keep()
    from protocol.wire.topics import kiosk_of

    seldom.forget()
    gc.collect()
    assert kiosk_of("tapledger/v1/K1/up") == "K1"  # reads a global of its module


def test_a_module_without_a_package_is_forgotten_too():
    seldom.keep()
    import mp_ticks  # noqa: F401

    seldom.forget()
    assert "mp_ticks" not in sys.modules
