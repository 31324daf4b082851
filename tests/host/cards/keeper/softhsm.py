"""A PKCS#11 token without hardware: SoftHSM2, with a folder of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from host.cards.keeper import Keeper
from host.cards.keeper.token_store import TokenStore

PIN, SO_PIN = b"1234-5678", b"8765-4321"
LABEL = "shop"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


def module() -> str:
    """The library; skips where it is not installed."""
    found = next((path for path in MODULES if Path(path).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("needs apt package softhsm2")
    return found


def make(folder: Path, label: str = LABEL) -> None:
    """A token of this label; its environment is this process's from now on."""
    tokens = folder / "tokens"
    tokens.mkdir(exist_ok=True)
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    command = ["softhsm2-util", "--init-token", "--free", "--label", label]
    pins = ["--pin", PIN.decode(), "--so-pin", SO_PIN.decode()]
    subprocess.run([*command, *pins], check=True, capture_output=True)


def store_of(kept: Keeper) -> TokenStore:
    """Its store, which is a token."""
    assert isinstance(kept.store, TokenStore)
    return kept.store
