import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.cards import proof
from host.cards.keeper import CARD_ROLES, Keeper
from host.cards.keeper.file_store import FileStore
from host.cards.proof import Proofs
from protocol.card import layout, tmac

UID, OTHER = bytes.fromhex("04100000000080"), bytes.fromhex("04100000000081")
MASTERS = {role: {1: bytes([at]) * 16} for at, role in enumerate(CARD_ROLES)} | {
    "tmac": {1: b"a" * 16, 2: b"b" * 16},
    "kiosk": {1: bytes(32)},
}
KEEPER = Keeper(FileStore(Path("nowhere"), MASTERS))
PROOFS = Proofs(KEEPER)


@given(
    st.sampled_from([UID, OTHER]),
    st.integers(0, 0xFFFF),
    st.sampled_from([1, 2]),
    st.integers(1, 0xFFFF_FFFF),
    st.binary(max_size=100),
    st.integers(0, 63),
)
def test_it_is_what_the_card_computes(
    uid: bytes, issue: int, version: int, tmc: int, tmi: bytes, bit: int
) -> None:
    tmv = tmac.tmv(KEEPER.tmac_key(uid, issue, version), uid, tmc, tmi)
    wrong = (int.from_bytes(tmv, "big") ^ 1 << bit).to_bytes(8, "big")
    for _ in range(2):  # not seen before, and seen
        assert PROOFS.proves(uid, issue, version, tmc, tmi, tmv)
        assert not PROOFS.proves(uid, issue, version, tmc, tmi, wrong)


def test_everything_told_is_proved_and_an_unknown_card_has_the_newest_key() -> None:
    tmv = tmac.tmv(KEEPER.tmac_key(UID, 1, 2), UID, 7, b"x" * 32)
    assert PROOFS.proves(UID, 1, 2, 7, b"x" * 32, tmv) and PROOFS.proves(UID, 1, None, 7, b"x" * 32, tmv)
    assert not PROOFS.proves(OTHER, 1, 2, 7, b"x" * 32, tmv)
    assert not PROOFS.proves(UID, 2, 2, 7, b"x" * 32, tmv)
    assert not PROOFS.proves(UID, 1, 1, 7, b"x" * 32, tmv)
    assert not PROOFS.proves(UID, 1, 2, 8, b"x" * 32, tmv)
    assert not PROOFS.proves(UID, 1, 2, 7, b"x" * 31, tmv)
    assert not PROOFS.proves(UID, 1, 2, 7, b"x" * 32, tmv[:7]) and not PROOFS.proves(UID, 1, 2, 7, b"", b"")
    with pytest.raises(KeyError):
        PROOFS.proves(UID, 1, 3, 7, b"", tmv)


def test_what_it_keeps_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "CARDS_MAX", 2)
    few = Proofs(KEEPER)
    for _ in range(2):
        for issue in range(5):
            tmv = tmac.tmv(KEEPER.tmac_key(UID, issue, 1), UID, 7, b"x")
            assert few.proves(UID, issue, 1, 7, b"x", tmv)
    assert few._begun.cache_info().currsize == 2


def test_it_shows_no_key_and_is_never_pickled() -> None:
    assert PROOFS.proves(UID, 1, 1, 7, b"", tmac.tmv(KEEPER.tmac_key(UID, 1, 1), UID, 7, b""))
    kept = PROOFS._begun(UID, 1, 1)
    spoken = repr(PROOFS) + str(PROOFS) + repr(kept) + repr(PROOFS._begun) + repr(dir(kept))
    for key in (KEEPER.tmac_key(UID, 1, 1), *MASTERS["tmac"].values()):
        assert key.hex() not in spoken.lower() and repr(key) not in spoken
    for secret in (PROOFS, kept):
        with pytest.raises(TypeError):
            pickle.dumps(secret)


U32 = st.integers(0, 0xFFFF_FFFF)


@given(U32, st.integers(0, 0xFFFF), U32, st.integers(1, 500_000), st.integers(0, 500_000), U32)
def test_the_input_of_a_debit_is_the_protocols(
    kiosk: int, epoch: int, counter: int, amount_fen: int, after_fen: int, at_s: int
) -> None:
    record = layout.log_record(kiosk, epoch, counter, amount_fen, after_fen, at_s)
    before_fen = after_fen + amount_fen
    wanted = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, before_fen, amount_fen, record)
    assert proof.debit_input(kiosk, epoch, counter, amount_fen, after_fen, at_s) == wanted
