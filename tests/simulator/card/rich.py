"""Cards with an application of every kind of key and in it a file of every kind, made without any command."""

from random import Random

from simulator.card import DesfireCard
from simulator.card.files import (
    LIMITED_CREDIT_ENABLED,
    BackupFile,
    CyclicFile,
    DataFile,
    File,
    LinearFile,
    TmacFile,
    ValueFile,
)
from simulator.card.keys import KINDS, Key
from simulator.card.rights import NEVER, Rights
from simulator.card.state import PICC, Application, CardState
from tests.simulator.card.reader_side import D40Reader, Ev1Reader, Ev2Reader, Reader

AID, UID = bytes.fromhex("112233"), bytes.fromhex("04A1B2C3D4E5F6")
STANDARD, BACKUP, VALUE, LINEAR, CYCLIC, TMAC = range(1, 7)
COMM_CODES = {"plain": 0, "mac": 1, "full": 3}
# Name -> (kind of all keys, the reader's side).
WAYS: dict[str, tuple[str, type[Reader]]] = {
    "plain": ("AES", Reader),
    "D40": ("2K3DES", D40Reader),
    "EV1-2K3DES": ("2K3DES", Ev1Reader),
    "EV1-3K3DES": ("3K3DES", Ev1Reader),
    "EV1-AES": ("AES", Ev1Reader),
    "EV2": ("AES", Ev2Reader),
}


def key(kind: str, number: int) -> Key:
    """Key `number` of the application; 15 is the card's."""
    return Key(Random(number).randbytes(KINDS[kind].size_bytes), number, KINDS[kind])


def files(comm: str, rights: Rights) -> dict[int, File]:
    code, records = COMM_CODES[comm], [bytes([n]) * 20 for n in range(3)]
    return {
        STANDARD: DataFile(code, rights, bytes(range(100)), iso_id=0xE101),
        BACKUP: BackupFile(code, rights, bytes(range(60))),
        VALUE: ValueFile(code, rights, -1_000, 1_000, 10, 500, LIMITED_CREDIT_ENABLED),
        LINEAR: LinearFile(code, rights, 20, 5, list(records)),
        CYCLIC: CyclicFile(code, rights, 20, 5, list(records)),
        TMAC: TmacFile(code, Rights(rights.read, NEVER, NEVER, rights.change), bytes(range(16)), 1, 7),
    }


def rich_card(way: str, comm: str = "full", rights: Rights | None = None) -> DesfireCard:
    """In the field. Key 0 may do all that `rights` do not say; every level may be changed."""
    kind = WAYS[way][0]
    state = CardState.factory(UID)
    free = way == "plain"
    rights = rights or (Rights(14, 14, 14, 14) if free else Rights(0, 0, 0, 0))
    settings = 0x0F if free else 0x09
    state.applications[PICC] = Application(settings, [key(kind, 15)])
    keys = [key(kind, number) for number in range(3)]
    named = {"iso_id": 0xDF01, "df_name": b"rich", "iso_files": True}
    state.applications[AID] = Application(settings, keys, files(comm, rights), **named)  # type: ignore[arg-type]
    card = DesfireCard(UID, Random(5), state)
    card.enter_field()
    return card


def reader_of(card: DesfireCard, way: str, level: str) -> Reader:
    """Authenticated with the master key of this level, "card" or "application"."""
    kind, side = WAYS[way]
    reader = side(card.exchange)
    card.activate()
    if level == "application":
        assert reader.frame(0x5A, AID) == (0, b"")
    reader.authenticate(0, kind, key(kind, 0 if level == "application" else 15).value)
    return reader
