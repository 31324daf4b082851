"""A whole day of a kiosk: first start, sales on and off the network, lost answers, lists, configuration, an
update, and a host that misses numbers."""

from protocol.wire import messages

CONFIG, HOTLIST, ALLOWED = messages.CONFIG, messages.HOTLIST, messages.ALLOWED


def card(n):
    return b"\x04%06d" % n


def day(kiosk):
    kiosk.take(CONFIG, 1)
    kiosk.take(HOTLIST, 1)
    kiosk.take(ALLOWED, 1)
    kiosk.welcome()
    for n in range(30):  # online: each told, each acknowledged
        kiosk.sell(card(n))
        kiosk.sync()
        if n % 3:
            kiosk.journal.prepare()
    kiosk.lose(card(40))
    kiosk.sync()
    for n in range(20):  # offline
        kiosk.sell(card(n), told=n != 19)
    kiosk.take(CONFIG, 2, good=False)  # rejected
    kiosk.lose(card(41))
    kiosk.settle(card(40))
    kiosk.sync(lambda number: number[1] % 5)  # some answers are lost
    kiosk.take(CONFIG, 3)
    kiosk.take(ALLOWED, 2)
    kiosk.pay(card(50), taken=True)
    kiosk.pay(card(51), taken=False)
    kiosk.welcome()
    kiosk.epoch(3)
    for n in range(12):
        kiosk.sell(card(n))
    kiosk.sync()
    kiosk.update()
    kiosk.sync(missing=[(3, [[2, 9]]), (1, [[45, 60]])])  # a host restored from a copy
    for n in range(75):  # once round the ring, over the sale that is open
        kiosk.sell(card(n))
        kiosk.sync()
    kiosk.sync(missing=[(1, [[52, 52]])])  # which was written anew
    kiosk.take(HOTLIST, 2)
    kiosk.take(CONFIG, 4)
    kiosk.settle(card(41))
    kiosk.lose(card(42))
    kiosk.sync()
    kiosk.forget(card(42))
    kiosk.fall("nfc: out of memory")
    kiosk.give_up(5)
    kiosk.hear_of_it()
    kiosk.sell(card(60), order=77)
    kiosk.sync()
