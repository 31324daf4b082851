"""Every file of the corpus, and seeded changes of it, through the fuzz targets. The fuzzer is `make fuzz`."""

from pathlib import Path
from random import Random

import pytest

from host.terminals.intake import opening, pattern
from protocol.wire import cbor, envelope, messages
from simulator.card import DesfireCard, iso14443
from simulator.card.frames import Frames
from simulator.reader import hsu, isodep, upkeep
from tests.fuzz import __main__ as fuzz
from tests.fuzz import corpus, reader_targets
from tests.fuzz.corpus import FOLDER
from tests.fuzz.targets import TARGETS

FILES = sorted(path for path in FOLDER.glob("*/*") if path.is_file())
ROUNDS = 15  # changes of each file


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_file_of_the_corpus_and_what_is_near_it(path: Path) -> None:
    data, target = path.read_bytes(), TARGETS[path.parent.name]
    target(data)
    rng = Random(path.name)
    for _ in range(ROUNDS):
        target(corpus.mutations(data, rng))


def test_there_is_a_corpus_for_each_target_and_it_is_small() -> None:
    assert {path.parent.name for path in FILES} == set(TARGETS) == set(fuzz.TARGETS)
    assert len(FILES) <= 400 and sum(path.stat().st_size for path in FILES) < 16_384


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_hold(name: str) -> None:
    """Good and slightly wrong messages of every type; too many to keep as files."""
    for data in corpus.seeds(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", [*fuzz.WIRE, "card"])
def test_a_target_notices_a_broken_promise(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them, once what it looks at is made to fail."""

    def broken(*_: object) -> object:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(cbor, "decode", broken)
    monkeypatch.setattr(envelope, "authentic", broken)
    monkeypatch.setattr(Frames, "handle", broken)
    with pytest.raises(KeyError):
        for data in corpus.seeds(name):
            TARGETS[name](data)


@pytest.mark.parametrize(
    ("name", "place", "attribute"),
    [
        ("hsu", hsu, "_take"),
        ("chip", upkeep.Upkeep, "acknowledged"),
        ("card_blocks", iso14443.IsoDep, "_i_block"),
        ("reader_blocks", isodep.Initiator, "_chain_block"),
        ("driver", reader_targets.pn532.Pn532, "_take"),
    ],
)
def test_a_target_of_the_reader_notices_a_broken_promise(
    name: str, place: object, attribute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(place, attribute, broken)
    with pytest.raises(KeyError):
        for data in corpus.seeds(name):
            TARGETS[name](data)


def test_a_card_that_garbage_changed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(card: DesfireCard, _frame: bytes) -> None:
        card.chip.state.applications.clear()

    monkeypatch.setattr(DesfireCard, "rf_frame", spoil)
    with pytest.raises(AssertionError, match="garbage changed a card"):
        for data in corpus.seeds("chip"):
            TARGETS["chip"](data)


def test_two_encodings_of_one_value_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbor, "decode", lambda data: 0)
    with pytest.raises(AssertionError, match="two encodings"):
        TARGETS["decode"](b"\x01")


def test_a_short_way_that_takes_too_much_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the pattern knew no limit of an amount."""
    body = corpus.filled(messages.SALE) | {3: messages.AMOUNT_FEN_MAX + 1}
    data = cbor.encode([1, 0, "K1", 1, 7, messages.SALE, body])
    TARGETS["opened"](data)
    _name, direction, rows = messages.MESSAGES[messages.SALE]
    wide = tuple((*row[:5], row[5] + 1, row[6]) if row[1] == "amount_fen" else row for row in rows)
    loose = pattern.Pattern(messages.SALE, wide)
    monkeypatch.setattr(opening, "PATTERNS", (loose,))
    assert direction == messages.UP
    with pytest.raises(AssertionError):
        TARGETS["opened"](data)
