"""A bundle that can be made can be read, and a damaged one says which field is wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import bundle, cbor
from protocol.wire.form import FormError

GOOD: dict[str, Any] = {
    "name": "K1",
    "number": 1,
    "secret": bytes(range(32)),
    "host": "127.0.0.1",
    "port": 1883,
    "epoch": 1,
    "ssid": "shop",
    "password": "",
}
PLAIN: dict[str, Any] = {row[0]: row[4] for row in bundle.ROWS if row[4] is not None}
TLS: dict[str, Any] = {
    "ca": b"\x30authority",
    "certificate": b"\x30certificate",
    "key": b"\x30key",
    "server_name": "broker.example",
    "made_s": 1_780_000_000,
    "ntp": "",
}
RAW = dict(enumerate((GOOD | TLS).values(), 1))

WRONG: list[tuple[str, list[Any], str]] = [
    (
        "name",
        ["", "K 1", "x" * 33, 7, "前台"],
        r"name must be (1 to 32 letters, digits, - or _|text, 1 to 32 bytes)",
    ),
    ("number", [0, -1, 1 << 32, "1", True], "number must be uint, 1 to 4294967295"),
    ("secret", [bytes(31), bytes(33), "x" * 32], "secret must be bytes, 32 to 32 bytes"),
    ("host", ["", "x" * 254, b"127.0.0.1"], "host must be text, 1 to 253 bytes"),
    ("port", [0, 65536, "1883"], "port must be uint, 1 to 65535"),
    ("epoch", [0, 65536, "1"], "epoch must be uint, 1 to 65535"),
    ("ssid", ["", "水" * 11, 7], "ssid must be text, 1 to 32 bytes"),
    ("password", ["x" * 64, 7], "password must be text, 0 to 63 bytes"),
    ("ca", [b"", bytes(2049), "x"], "ca must be bytes, 1 to 2048 bytes"),
    ("certificate", [b"", bytes(2049), "x"], "certificate must be bytes, 1 to 2048 bytes"),
    ("key", [b"", bytes(2049), "x"], "key must be bytes, 1 to 2048 bytes"),
    ("server_name", ["", "x" * 254, b"x"], "server_name must be text, 1 to 253 bytes"),
    ("made_s", [-1, 1 << 32, "1"], "made_s must be uint, 0 to 4294967295"),
    ("ntp", ["x" * 254, 7], "ntp must be text, 0 to 253 bytes"),
]
CASES = [(name, value, reason) for name, values, reason in WRONG for value in values]


def test_round_trip() -> None:
    assert bundle.decode(bundle.encode(**GOOD)) == GOOD | PLAIN
    assert bundle.decode(bundle.encode(**GOOD, **TLS)) == GOOD | TLS


def test_what_has_its_usual_value_is_left_out() -> None:
    assert cbor.decode(bundle.encode(**GOOD, **PLAIN)) == dict(enumerate(GOOD.values(), 1))


def test_a_field_that_no_bundle_has_is_refused() -> None:
    with pytest.raises(FormError, match=r"^bundle has no field colour$"):
        bundle.encode(**GOOD, colour="red")


@pytest.mark.parametrize(
    "values",
    [
        ("K", 1, bytes(32), "b", 1, 1, "w", ""),
        ("K" * 32, 2**32 - 1, b"\xff" * 32, "b" * 253, 65535, 65535, "w" * 32, "p" * 63),
        ("-_azAZ09", 1, bytes(32), "b", 1, 1, "水" * 10, "码" * 21),
    ],
)
def test_the_least_and_the_most_that_fits(values: tuple[Any, ...]) -> None:
    given = dict(zip(GOOD, values, strict=True))
    assert bundle.decode(bundle.encode(**given)) == given | PLAIN


def test_what_is_left_out_has_a_value() -> None:
    made = bundle.decode(bundle.encode("K1", 1, bytes(32), "broker", 8883))
    assert (made["epoch"], made["ssid"], made["password"]) == (1, "tapledger", "")


@pytest.mark.parametrize(("name", "value", "reason"), CASES)
def test_a_value_out_of_range_is_not_encoded(name: str, value: object, reason: str) -> None:
    with pytest.raises(FormError, match=rf"^bundle's {reason}$"):
        bundle.encode(**{**GOOD, **TLS, name: value})


@pytest.mark.parametrize(("name", "value", "reason"), [case for case in CASES if case[1] is not True])
def test_a_value_out_of_range_is_not_decoded(name: str, value: object, reason: str) -> None:
    raw = {**RAW, 1 + list(GOOD | TLS).index(name): value}
    with pytest.raises(FormError, match=rf"^bundle's {reason}$"):
        bundle.decode(cbor.encode(raw))


@pytest.mark.parametrize("raw", [{}, {1: "K1"}, {**RAW, 15: 0}, {k + 1: v for k, v in RAW.items()}])
def test_other_fields(raw: object) -> None:
    with pytest.raises(FormError, match=r"^bundle has other fields than expected$"):
        bundle.decode(cbor.encode(raw))


@pytest.mark.parametrize("raw", [[], 7])
def test_another_kind_of_value(raw: object) -> None:
    with pytest.raises(FormError, match=r"^bundle is no map$"):
        bundle.decode(cbor.encode(raw))


@given(st.binary(max_size=80))
def test_garbage_is_a_damaged_bundle(data: bytes) -> None:
    with pytest.raises(FormError):
        bundle.decode(data)


def test_every_cut_is_seen() -> None:
    whole = bundle.encode(**GOOD, **TLS)
    for size in range(len(whole)):
        with pytest.raises(FormError, match=r"^bundle is damaged: cut short$"):
            bundle.decode(whole[:size])
