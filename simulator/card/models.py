"""The chips that a virtual DESFire can be. All have 8 KB; a version ends with protocol 05 (ISO 14443-4)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Model:
    """`hardware` and `software` as GetVersion gives them; `lacks`: commands that it does not know."""

    name: str
    hardware: bytes
    software: bytes
    memory_bytes: int
    applications_max: int | None
    lacks: frozenset[int] = frozenset()


# AuthenticateEV2First and NonFirst, CreateTransactionMACFile, UpdateRecord.
_EV2_COMMANDS: Final = frozenset((0x71, 0x77, 0xCE, 0xDB))
EV1: Final = Model(
    "EV1", bytes.fromhex("04010101001A05"), bytes.fromhex("04010101041A05"), 7936, 28, _EV2_COMMANDS
)
EV2: Final = Model("EV2", bytes.fromhex("04010112001A05"), bytes.fromhex("04010102011A05"), 8192, None)
MODELS: Final = {model.name: model for model in (EV1, EV2)}
