"""A link whose broker, journal, settings and age are in memory, and what a host says to it."""

from net import link
from protocol.wire import envelope, messages, topics
from protocol.wire.mac import kiosk_keys

SECRET = b"s" * 32
UP, DOWN, _ = kiosk_keys(SECRET)
NONCE = b"12345678"
BUNDLE = {"name": "K1", "secret": SECRET, "host": "127.0.0.1", "port": 1}


class Journal:
    """What the link asks of a journal."""

    def __init__(self, numbers=((1, 1), (1, 2), (1, 3))):
        self.epoch, self.counter = 1, 3
        self.numbers = list(numbers)
        self.pending = len(self.numbers)
        self.acked, self.open, self.closed = [], [], []
        self.begun, self.filled = [], False

    def begin_epoch(self, epoch):
        self.begun.append(epoch)

    def acknowledged(self, slots):
        for slot in slots:
            self.acked.append(self.numbers[slot])
        self.pending -= len(slots)

    def full(self):
        return False

    def spare(self):
        return not self.filled

    def brief(self, slot):
        return (slot, 1) + self.numbers[slot] + (0, 0, 5)

    def close(self, number):
        self.closed.append(number)

    def next_report(self, slot):
        for at in range(slot, len(self.numbers)):
            number = self.numbers[at]
            if number not in self.acked:
                return at, number, messages.UNSETTLED, body(number[1])
        return None


class Settings:
    def __init__(self):
        self.numbers = {"config": 0, "hotlist": 0, "waiting": 0, "allowed": 0}
        self.flash, self.forgotten = self, []
        self.taken = []
        self.rejected, self.trying = None, False

    def held(self):
        return self.numbers

    def heard(self, _now_ms):
        pass

    @property
    def allowed_version(self):
        return self.numbers["allowed"]

    @allowed_version.setter
    def allowed_version(self, version):
        self.numbers["allowed"] = version

    def remove_file(self, path):
        self.forgotten.append(path)

    def take(self, kind, _body, message):
        self.taken.append((kind, message))
        return True


class Age:
    def __init__(self, clock):
        self.clock = clock
        self.compared = 0

    def welcomed(self, values):
        self.clock.append(values["now_s"])

    def compare(self, _settings):
        self.compared += 1


class Line:
    """The way to a broker that is there."""

    bundle, layer, trouble = BUNDLE, 0, ""


class Store:
    """The task journal, which has time at once, or for nothing."""

    def __init__(self):
        self.serving = False
        self.full, self.faults, self.noted = False, [], []

    def later(self, function, *arguments):
        if not self.full:
            function(*arguments)
        return not self.full

    def untold(self):
        told, self.faults = self.faults, []
        return told

    def told(self, fault):
        self.noted.append(fault)


class Client:
    def __init__(self):
        self.sent = []

    async def publish(self, topic, payload, retain=False):
        assert topic == topics.up("K1")
        self.sent.append(envelope.open_(UP, messages.UP, "K1", payload))


def body(n):
    return messages.body(
        messages.UNSETTLED, uid=b"1234567", issue=1, amount_fen=n, tmc=1, value_fen=500, happened_s=n
    )


def listening(numbers=((1, 1), (1, 2), (1, 3))):
    clock = []
    made = link.Link(Line(), Journal(numbers), Settings(), Age(clock), Store())
    made._ear.nonce = NONCE
    made._client = Client()
    made.clock = clock
    return made


def down(counter, kind, nonce=NONCE, key=DOWN, **values):
    return envelope.seal(
        key, messages.DOWN, "K1", (0, counter), kind, messages.body(kind, nonce=nonce, **values)
    )


def ack(counter, upto, verdicts=(), **more):
    return down(counter, messages.ACK, epoch=1, upto=upto, ranges=[], verdicts=list(verdicts), **more)


def hear(made, message):
    made._received(memoryview(message))
