import threading

from host.terminals.intake.inbox import Inbox


def test_what_is_put_comes_out_in_order_as_much_as_is_asked() -> None:
    inbox: Inbox[int] = Inbox(10)
    assert inbox.put([1, 2, 3]) and inbox.put([4])
    assert inbox.take(3) == [1, 2, 3] and inbox.take(9) == [4]


def test_what_is_there_by_now_is_taken_without_waiting() -> None:
    inbox: Inbox[int] = Inbox(2)
    assert inbox.take_now(5) == []
    inbox.put([1, 2, 3])
    assert inbox.take_now(2) == [1, 2] and not inbox.full
    inbox.close()
    assert inbox.take_now(5) == [3] and inbox.take_now(5) == []


def test_whoever_takes_waits_until_something_comes() -> None:
    inbox: Inbox[int] = Inbox(10)
    found: list[int] = []
    taker = threading.Thread(target=lambda: found.extend(inbox.take(5)))
    taker.start()
    inbox.put([7])
    taker.join(10)
    assert found == [7]


def test_whoever_puts_waits_while_it_is_full() -> None:
    inbox: Inbox[int] = Inbox(2)
    inbox.put([1, 2, 3])  # one read of a socket is taken whole
    assert inbox.full
    done = threading.Event()
    putter = threading.Thread(target=lambda: (inbox.put([4]), done.set()))
    putter.start()
    assert inbox.take(1) == [1] and inbox.full and not done.is_set()
    assert inbox.take(1) == [2]
    assert done.wait(10)
    assert inbox.take(9) == [3, 4]


def test_closed_it_gives_out_what_it_has_and_lets_everybody_go() -> None:
    inbox: Inbox[int] = Inbox(1)
    inbox.put([1])
    refused: list[bool] = []
    putter = threading.Thread(target=lambda: refused.append(inbox.put([2])))
    putter.start()
    inbox.close()
    putter.join(10)
    assert refused == [False]
    assert inbox.take(5) == [1] and inbox.take(5) == []
