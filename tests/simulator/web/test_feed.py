"""Pages are told everything once, then what changed, and nothing piles up for one that does not listen."""

import threading

from simulator.web.feed import KEPT_LINES, Feed, Ring


class Panel:
    """What a feed asks for; counts how often."""

    def __init__(self) -> None:
        self.state = {"n": 0}
        self.asked: list[tuple[int, int]] = []

    def rows(self, first: int, last: int) -> bytes:
        self.asked.append((first, last))
        return bytes([first, last])


def made() -> tuple[Panel, Feed]:
    panel = Panel()
    return panel, Feed(lambda: dict(panel.state), panel.rows)


def test_a_new_page_is_told_everything() -> None:
    _, feed = made()
    feed.line({"id": 1})
    feed.tone(400)
    first = next(feed.listen())
    assert first == [("screen", (0, bytes([0, 239]))), ("state", {"n": 0}), ("ledger", [{"id": 1}])]


def test_then_only_what_changed() -> None:
    panel, feed = made()
    events = feed.listen()
    next(events)
    feed.screen(10, 20)
    feed.screen(100, 110)
    assert next(events) == [("screen", (10, bytes([10, 110])))]
    panel.state["n"] = 1
    feed.touch()
    feed.tone(2000)
    feed.tone(0)
    (kind, state), (_, tones) = next(events)
    assert (kind, state) == ("state", {"n": 1})
    assert [tone["hertz"] for tone in tones] == [2000, 0]
    feed.touch()
    assert next(events) == []


def test_a_change_between_two_looks_is_not_slept_over() -> None:
    _, feed = made()
    events = feed.listen(idle_s=60)
    next(events)
    feed.line({"id": 7})
    assert next(events) == [("ledger", [{"id": 7}])]


def test_it_wakes_for_a_change_and_ends_when_closed() -> None:
    _, feed = made()
    events = feed.listen(idle_s=60)
    next(events)
    threading.Timer(0.05, feed.screen, (3, 3)).start()
    assert next(events) == [("screen", (3, bytes([3, 3])))]
    threading.Timer(0.05, feed.close).start()
    assert list(events) == []


def test_an_idle_page_hears_that_the_stream_lives() -> None:
    _, feed = made()
    events = feed.listen(idle_s=0.01)
    next(events)
    assert next(events) == []


def test_a_page_that_left_is_forgotten() -> None:
    _, feed = made()
    events = feed.listen()
    next(events)
    events.close()
    assert feed._listeners == set()


def test_old_lines_are_let_go() -> None:
    _, feed = made()
    events = feed.listen()
    next(events)
    for number in range(KEPT_LINES + 50):
        feed.line({"id": number})
    ((_, lines),) = next(events)
    assert [line["id"] for line in lines] == list(range(50, KEPT_LINES + 50))


def test_a_ring_counts_what_it_no_longer_holds() -> None:
    ring = Ring(2)
    assert ring.since(0) == []
    for item in "abc":
        ring.add(item)
    assert ring.since(0) == ["b", "c"]
    assert ring.since(2) == ["c"]
    assert ring.since(3) == []
