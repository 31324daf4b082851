"""Topics are made and taken apart by the same rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import topics


def test_the_four_topics_of_a_kiosk() -> None:
    assert topics.relay("K1") == "tapledger/v1/K1/relay"
    assert topics.up("K1") == "tapledger/v1/K1/up"
    assert topics.down("K1") == "tapledger/v1/K1/down"
    assert topics.status("K1") == "tapledger/v1/K1/status"


@pytest.mark.parametrize("make", [topics.up, topics.relay, topics.down, topics.status])
def test_the_kiosk_is_found_again(make: object) -> None:
    assert callable(make)
    assert topics.kiosk_of(make("前台-1")) == "前台-1"


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "tapledger",
        "tapledger/v1/K1",
        "tapledger/v1//up",
        "tapledger/v2/K1/up",
        "other/v1/K1/up",
        "tapledger/v1/K1/up/more",
        "/tapledger/v1/K1/up",
    ],
)
def test_other_topics_belong_to_no_kiosk(topic: str) -> None:
    assert topics.kiosk_of(topic) is None


@given(st.text(max_size=40))
def test_any_text_gives_a_name_or_none(topic: str) -> None:
    found = topics.kiosk_of(topic)
    assert found is None or topic.startswith(topics.PREFIX + found + "/")


def test_the_filters_match_what_kiosks_publish() -> None:
    for pattern, topic in (
        (topics.UP_FILTER, topics.up("K1")),
        (topics.RELAY_FILTER, topics.relay("K1")),
        (topics.STATUS_FILTER, topics.status("K1")),
    ):
        assert pattern.replace("+", "K1") == topic
