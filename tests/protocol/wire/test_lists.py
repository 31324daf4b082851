"""How a card stands in a kiosk's lists: pinned, since flash and books hold what other versions made."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import lists

UID, CARD_DATA = bytes(range(7)), bytes(range(32))
SEAL_KEY = bytes(range(16))


def test_the_fingerprint_of_a_card_stays_what_it_is() -> None:
    key = hmac.new(SEAL_KEY, b"tapledger allowed", hashlib.sha256).digest()
    seed = hashlib.sha256(UID + CARD_DATA).digest()[:16]
    assert lists.list_key(SEAL_KEY) == key
    assert lists.seed(UID, CARD_DATA) == seed
    assert lists.fingerprint(key, seed) == hashlib.sha256(key + seed).digest()[:4]


@given(st.integers(0, 7 + 32 + 16 - 1), st.integers(1, 255))
def test_it_is_another_one_by_each_byte_of_the_card_and_of_the_kiosk(at: int, change: int) -> None:
    def of(told: bytes) -> bytes:
        return lists.fingerprint(lists.list_key(told[39:]), lists.seed(told[:7], told[7:39]))

    told = UID + CARD_DATA + SEAL_KEY
    assert of(told) != of(told[:at] + bytes([told[at] ^ change]) + told[at + 1 :])
