from hypothesis import given
from hypothesis import strategies as st

from host.terminals.reported.acks import VERDICTS_MAX, content
from host.terminals.reported.sequences import RANGES_MAX
from protocol.wire import envelope, messages

# near where an encoding grows, and anywhere
numbers = st.integers(1, 0x101) | st.integers(0xFFFE, 0x10001) | st.integers(1, messages.U32)
verdicts = st.lists(
    st.tuples(numbers, st.integers(0, messages.REFUSED), numbers | st.integers(-(2**53), 2**53)),
    max_size=VERDICTS_MAX,
)


def apart(ends: list[int]) -> list[list[int]]:
    """Rising numbers -> ranges."""
    return [[first, last] for first, last in zip(ends[::2], ends[1::2], strict=False)]


ranges = st.lists(numbers, max_size=2 * RANGES_MAX, unique=True).map(sorted).map(apart)


@given(st.binary(min_size=8, max_size=8), st.integers(0, messages.U16), numbers, ranges, verdicts)
def test_the_quick_way_makes_the_bytes_that_the_table_wants(
    nonce: bytes, epoch: int, upto: int, held: list[list[int]], said: list[tuple[int, int, int]]
) -> None:
    body = messages.body(
        messages.ACK, nonce=nonce, epoch=epoch, upto=upto, ranges=held, verdicts=[list(one) for one in said]
    )
    assert content(nonce, epoch, upto, held, said) == envelope.content(messages.ACK, messages.DOWN, body)
