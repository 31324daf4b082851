"""Hypothesis over the targets of the reader: for a moment what atheris does for minutes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.reader import hsu
from tests.fuzz import reader_targets
from tests.fuzz.reader_targets import TARGETS

SEEDS = {name: list(reader_targets.seeds(name)) for name in TARGETS}
FRAMES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.binary(min_size=1, max_size=30).map(lambda data: hsu.build(b"\xd4" + data)),
        st.sampled_from([hsu.ACK, hsu.NACK, hsu.ERROR]),
    ),
    max_size=6,
).map(b"".join)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_every_promise_is_kept(name: str, data: st.DataObject) -> None:
    parts = st.one_of(st.binary(max_size=60), FRAMES, st.sampled_from(SEEDS[name]))
    TARGETS[name](b"".join(data.draw(st.lists(parts, max_size=4))))
