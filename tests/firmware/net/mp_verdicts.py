"""The host's words on single reports: the newest are kept, each is given once."""

MICROPYTHON_ONLY = True

import asyncio

from net.verdicts import KEPT, Verdicts


def heard(verdicts, number):
    return asyncio.run(verdicts.wait(number, 0, lambda: True))


def test_of_many_the_newest_are_kept_whatever_their_numbers():
    for first in range(1, 200):
        verdicts = Verdicts()
        numbers = [(1, first + n) for n in range(3 * KEPT)]
        for number in numbers:
            verdicts.put(number[0], [[number[1], number[1], 0]])
        kept = [heard(verdicts, number) for number in numbers]
        assert kept == [None] * (2 * KEPT) + [number[1] for number in numbers[-KEPT:]], (first, kept)


def test_a_word_is_given_once():
    verdicts = Verdicts()
    verdicts.put(1, [[1, 2, 0]])
    assert (heard(verdicts, (1, 1)), heard(verdicts, (1, 1))) == (2, None)
