"""What a host sends is no longer than what a kiosk reads."""

from typing import Any

import pytest

from protocol.wire import envelope, messages


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (messages.HOTLIST, {"uids": [bytes(10)] * 352}),
        (messages.ALLOWED, {"part": 52, "after": messages.U32, "fingerprints": bytes(3840)}),
        (
            messages.ACK,
            {
                "epoch": messages.U16,
                "upto": messages.U32 - 200,
                "ranges": [[messages.U32 - 2 * n, messages.U32 - 2 * n] for n in range(63, -1, -1)],
                "verdicts": [[messages.U32, 4, -(2**53)]] * 64,
            },
        ),
    ],
)
def test_the_longest_message_to_a_kiosk_is_no_longer_than_what_it_reads(kind: int, fields: Any) -> None:
    """net/mqtt.py reads at most 4096 bytes, so that nothing larger is allocated."""
    number = {} if kind == messages.ACK else {"version": messages.U32}
    body = messages.body(kind, nonce=bytes(8), **number, **fields)
    sequence = (0, messages.U32)
    assert len(envelope.seal(bytes(32), messages.DOWN, "K" * 32, sequence, kind, body)) <= 4096
