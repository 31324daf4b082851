"""DNS and NTP answers: the right one is understood, every other one is a sentence and nothing else."""

MICROPYTHON_ONLY = True

import asyncio
import random
import sys


class Chip:
    """Stands for the modules of the chip."""

    Partition = None

    class WLAN:
        pass


sys.modules["network"] = sys.modules["esp32"] = Chip

from net import dial, udp

QUESTION = udp.dns_question("broker.example")
HEAD = QUESTION[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
POINTER = b"\xc0\x0c"


def record(name, kind, data):
    return name + bytes([0, kind, 0, 1, 0, 0, 0, 60, 0, len(data)]) + data


def refusal(answer):
    try:
        udp.dns_address(QUESTION, answer)
    except OSError as error:
        return error.args[0]
    raise AssertionError("taken")


def test_a_question_names_each_label_and_has_a_number_of_its_own():
    assert QUESTION[2:] == (
        b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06broker\x07example\x00\x00\x01\x00\x01"
    )
    assert len({udp.dns_question("x")[:2] for _ in range(20)}) > 1


def test_the_first_address_is_taken_behind_other_records():
    address = record(POINTER, 1, bytes((192, 0, 2, 7)))
    alias = record(POINTER, 5, b"\x03www\xc0\x0c")
    assert udp.dns_address(QUESTION, HEAD + QUESTION[12:] + address) == "192.0.2.7"
    two = HEAD[:7] + b"\x02" + HEAD[8:] + QUESTION[12:]
    assert udp.dns_address(QUESTION, two + alias + address) == "192.0.2.7"
    assert udp.dns_address(QUESTION, two + record(b"\x03www\x00", 5, b"\x00") + address) == "192.0.2.7"


def test_every_other_answer_is_a_sentence():
    good = HEAD + QUESTION[12:] + record(POINTER, 1, bytes((192, 0, 2, 7)))
    other = "the answer of the name server is to another question"
    assert refusal(bytes([good[0] ^ 1]) + good[1:]) == other
    assert refusal(good[:2] + b"\x01" + good[3:]) == other  # our own question, turned round
    assert refusal(good[:13] + b"x" + good[14:]) == other
    assert refusal(good[:3] + b"\x83" + good[4:]) == "no such name"
    assert refusal(HEAD[:7] + b"\x00" + HEAD[8:] + QUESTION[12:]) == "the name has no address"
    for size in range(len(good)):
        assert refusal(good[:size]) in (other, "the name has no address")
    endless = HEAD[:6] + b"\xff\xff" + HEAD[8:] + QUESTION[12:] + bytes(200)
    assert refusal(endless) == "the name has no address"


def test_whatever_comes_is_an_address_or_a_sentence():
    random.seed(7)
    good = HEAD[:7] + b"\x02" + HEAD[8:] + QUESTION[12:]
    good += record(POINTER, 5, b"\x03www\xc0\x0c") + record(POINTER, 1, bytes((192, 0, 2, 7)))
    taken = 0
    for _ in range(2000):
        answer = bytearray(good[: random.randrange(len(good) + 1)] if random.randrange(2) else good)
        for _ in range(random.randrange(4)):
            if answer:
                answer[random.randrange(len(answer))] = random.randrange(256)
        try:
            taken += dial.is_address(udp.dns_address(QUESTION, bytes(answer)))
        except OSError as error:
            assert isinstance(error.args[0], str)
    assert taken > 100


def test_an_address_is_not_looked_up():
    for text in ("127.0.0.1", "192.168.255.1"):
        assert dial.is_address(text) and asyncio.run(dial.look_up(text, None)) == text
    for text in ("", "broker", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.x"):
        assert not dial.is_address(text), text


def said(answer):
    """What is made of a time server's answer; answer(question) -> bytes."""

    async def ask(_address, question, _port):
        return answer(question)

    udp.ask = ask
    return asyncio.run(udp.ntp_s("127.0.0.1"))


def test_a_time_servers_word_counts_when_it_answers_us_and_knows_the_time():
    def answer(question, first=0x24, stratum=2, seconds=3_900_000_000):
        return (
            bytes([first, stratum])
            + bytes(22)
            + question[40:48]
            + bytes(8)
            + seconds.to_bytes(4, "big")
            + bytes(4)
        )

    assert said(answer) == 3_900_000_000 - 2_208_988_800
    assert said(lambda q: answer(q, seconds=100)) == (1 << 32) + 100 - 2_208_988_800  # 2036 and after
    assert said(lambda _q: None) is None
    assert said(lambda q: answer(q)[:47]) is None
    assert said(lambda q: answer(q, stratum=0)) is None  # it does not know itself
    assert said(lambda q: answer(q, first=0x23)) is None
    assert said(lambda _q: answer(bytes(48))) is None  # made before our question
