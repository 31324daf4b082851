"""The link's ear: only fresh, authentic words of our host count, and they count once."""

MICROPYTHON_ONLY = True

import asyncio
import sys


class Chip:
    """Stands for the modules of the chip."""

    Partition = WLAN = None


sys.modules["network"] = sys.modules["esp32"] = Chip

from linked import UP, Client, ack, body, down, hear, listening

from net import climb, link, outbox, sync
from protocol.wire import envelope, messages
from tests.firmware.chip_clock import ROUND_MS, ChipClock


def test_the_welcome_of_this_hello_makes_it_online():
    made = listening()
    hear(made, down(5, messages.WELCOME, epoch=4, now_s=1700000000, hotlist=0, allowed=7))
    assert made.online
    assert (made.journal.begun, made.clock) == ([4], [1700000000])
    assert (made.settings.forgotten, made.confirm, made.age.compared) == ([], False, 1)
    made.settings.numbers["allowed"] = 8  # the host was restored: it is told that we begin anew
    hear(made, down(6, messages.WELCOME, epoch=4, now_s=1700000000, hotlist=0, allowed=7))
    assert made.confirm and made.settings.allowed_version == 0 and made.settings.forgotten


def test_what_is_old_foreign_or_garbage_changes_nothing():
    made = listening()
    send(made)
    good = ack(7, 2)
    cases = [
        b"",
        b"x" * 9000,
        b"garbage that is long enough to hold a MAC",
        good[:-1],
        good[:10] + bytes([good[10] ^ 4]) + good[11:],
        ack(7, 2, key=b"x" * 32),
        ack(7, 2, nonce=b"87654321"),
        down(7, messages.WELCOME, nonce=b"87654321", epoch=9, now_s=1, hotlist=0, allowed=0),
        envelope.seal(
            UP, messages.UP, "K1", (1, 1), messages.UNSETTLED, body(1)
        ),  # our own word, turned round
    ]
    for message in cases:
        hear(made, message)
    assert (made.journal.acked, made.online, made.clock, made.settings.taken) == ([], False, [], [])
    hear(made, good)
    assert made.journal.acked == [(1, 1), (1, 2)]


def test_a_message_counts_once_and_numbers_only_rise():
    made = listening()
    send(made)
    first, second = ack(7, 3), ack(8, 2)
    for message in (second, second, first):
        hear(made, message)
    assert made.journal.acked == [(1, 1), (1, 2)]


def test_a_refused_report_is_held_and_the_customer_has_paid():
    made = listening()
    made.online = True
    send(made)
    hear(made, ack(7, 0, verdicts=[[2, messages.REFUSED, 0]]))
    assert made.journal.acked == [(1, 2)]
    assert asyncio.run(made.verdict((1, 2), 50)) is True


def send(made):
    """One turn of the link -> the report numbers in each message it sent, oldest message first."""
    before = len(made._client.sent)
    asyncio.run(sync.send(made))
    found = []
    for (epoch, counter), kind, content in made._client.sent[before:]:
        if kind != messages.JOURNAL:
            assert (kind, content) == (messages.UNSETTLED, body(counter))
            found.append((epoch, [counter]))
            continue
        assert counter == 0
        for number, inner, values in content[1]:
            assert (inner, values) == (messages.UNSETTLED, body(number))
        found.append((epoch, [record[0] for record in content[1]]))
    return found


def test_reports_go_out_oldest_first_once_within_the_window():
    clock, made = ChipClock(), listening()
    assert send(made) == [(1, [1, 2, 3])]
    assert send(made) == []  # none is sent twice while an answer may come
    clock.ms += outbox.RESEND_MS + 1
    assert send(made) == [(1, [1, 2, 3])]  # the answer did not come
    clock.ms += ROUND_MS * 2 // 3  # the host was away for a week
    assert send(made) == [(1, [1, 2, 3])]


def test_one_report_that_waits_goes_as_itself():
    made = listening([(1, 1)])
    assert send(made) == [(1, [1])]
    assert made._client.sent[0][1] == messages.UNSETTLED
    made.journal.numbers.append((1, 2))
    made.journal.pending += 1
    assert send(made) == [(1, [2])]
    assert made._client.sent[1][1] == messages.UNSETTLED


def test_a_long_journal_goes_in_messages_of_one_window():
    made = listening([(1, n) for n in range(1, 81)])
    assert send(made) == [(1, list(range(1, 33)))]
    assert send(made) == []
    hear(made, ack(7, 30))
    assert send(made) == [(1, list(range(33, 63)))]
    hear(made, ack(8, 62))
    assert send(made) == [(1, list(range(63, 81)))]


def test_of_a_past_epoch_only_numbers_named_one_by_one_are_acknowledged():
    made = listening([(1, n) for n in range(1, 6)])
    made.journal.epoch = 2
    send(made)
    hear(made, ack(7, 22))  # the host's watermark of another life of this flash
    assert made.journal.acked == []
    hear(made, ack(8, 22, verdicts=[[2, messages.BOOKED, 0], [3, messages.BOOKED, 0]]))
    assert sorted(made.journal.acked) == [(1, 2), (1, 3)]


def test_what_is_not_on_its_way_is_not_acknowledged():
    made = listening()
    hear(made, ack(7, 3))  # of a session before this one, or of another life of the flash
    assert made.journal.acked == []
    assert send(made) == [(1, [1, 2, 3])]


def test_a_journal_message_is_of_one_epoch():
    made = listening([(1, 8), (1, 9), (2, 1), (3, 1), (3, 2)])
    assert [send(made) for _ in range(4)] == [[(1, [8, 9])], [(2, [1])], [(3, [1, 2])], []]


def test_the_longest_journal_message_is_small_enough_for_the_heap():
    sizes = []
    made = listening()
    rows = messages.MESSAGES[messages.SETTLED][2]
    longest = {row[0]: bytes(row[5]) if row[2] == "bytes" else row[5] for row in rows}

    class Measuring:
        async def publish(self, _topic, payload):
            sizes.append(len(payload))

    def next_report(slot):
        return slot, (messages.U16, messages.U32 - slot), messages.SETTLED, longest

    made._client, made.journal.next_report, made.journal.pending = Measuring(), next_report, 40
    asyncio.run(sync.send(made))
    assert len(made.outbox.sent) == 32 and 2000 < sizes[0] <= 2400


def test_what_could_not_be_sent_is_sent_by_the_next_session():
    made = listening()

    class Broken:
        async def publish(self, _topic, _payload):
            raise OSError("gone")

    made._client = Broken()
    try:
        asyncio.run(sync.send(made))
    except OSError:
        made._client, made.outbox = Client(), outbox.Outbox(made.journal)  # as _session() begins
        assert send(made) == [(1, [1, 2, 3])]
        return
    raise AssertionError("nothing was said of it")


def test_an_acknowledged_report_leaves_the_window():
    made = listening()
    asyncio.run(sync.send(made))
    hear(made, ack(7, 2))
    assert list(made.outbox.sent) == [(1, 3)]


async def open_stream(_line):
    pass


async def greet(_line, client, _name):
    return client.kept


climb.open_stream, climb.greet = open_stream, greet


class Dying:
    """An MQTT client whose receiving ends with anything but OSError."""

    closed = 0

    def __init__(self, _stream, _on_message):
        pass

    kept = False

    async def subscribe(self, _topic):
        pass

    async def publish(self, *_args, **_more):
        await asyncio.sleep_ms(0)

    async def run(self):
        raise MemoryError("no room")

    async def close(self, _receiving):
        Dying.closed += 1


def test_the_socket_is_let_go_of_whatever_ended_the_session():
    made = listening()
    link.mqtt.Client = Dying
    try:
        asyncio.run(made._session())
    except MemoryError:
        assert Dying.closed == 1
        return
    raise AssertionError("went on")


class Resuming(Dying):
    """A client whose connections are lost at once, and whose broker keeps the session or does not."""

    subscribed = 0

    async def subscribe(self, _topic):
        Resuming.subscribed += 1

    async def run(self):
        raise OSError("lost")


def lose(made, kept):
    """One session -> (nonce, subscriptions so far)."""
    Resuming.kept = kept
    try:
        asyncio.run(made._session())
    except OSError as error:
        assert error.args[0] == "lost"
    return made._ear.nonce, Resuming.subscribed


def test_a_session_that_the_broker_kept_goes_on_with_its_nonce_and_any_other_begins_anew():
    made = listening()
    link.mqtt.Client = Resuming
    first, times = lose(made, True)  # of before this start: what was kept is for another nonce
    assert (len(first), times) == (8, 1)
    assert lose(made, True) == (first, 1)
    second, times = lose(made, False)
    assert second != first and times == 2
    assert lose(made, True) == (second, 2)


def test_what_was_rejected_is_said_after_each_welcome():
    made = listening()
    hear(made, down(5, messages.WELCOME, epoch=4, now_s=1700000000, hotlist=0, allowed=7))
    assert not made.confirm
    made.settings.rejected = {"version": 7, "reason": "restarts"}
    hear(made, down(6, messages.WELCOME, epoch=4, now_s=1700000000, hotlist=0, allowed=7))
    assert made.confirm
