"""Builds the kiosk's ROM image: `python -m tools.firmware` (make firmware).

Writes into build/firmware/:
    firmware.romfs   firmware/ and protocol/, packed (tools/pack) and compiled to .mpy, fonts and texts
    firmware.img     the same behind a header (protocol/wire/image.py): what a slot holds and an update brings
    frozen.romfs     what is frozen into the kiosk's MicroPython: boot and chooser
    texts.bin, font16.bin, font24.bin, font32.bin, font48.bin, font64.bin
    manifest.json    sizes, SHA-256 sums, the hash of all that went in, and what tools/retrace.py needs

Does nothing when nothing that goes in has changed. An .mpy that lies verbatim in the image is executed in
place by VfsRom: its byte code is never copied to the heap.
"""

import hashlib
import json
import sys
from pathlib import Path

from tools import texts as words
from tools.compiler import compile_all, sizes
from tools.image import image, version, with_header
from tools.pack import table
from tools.pack.build import Given, Packed, pack

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "firmware"
IMAGE, MANIFEST = "firmware.romfs", "manifest.json"
UPDATE, FROZEN = "firmware.img", "frozen.romfs"
# Modules of firmware/ that no update replaces.
FROZEN_SOURCES = ("boot.py", "chooser.py")
# Modules of protocol/ that no kiosk runs, and why.
EXCLUDE = {
    "protocol/vectors_form.py": "only the vectors command needs it",
    "protocol/vectors.py": "a command for a person; runs from the source tree",
    "protocol/card/commands.py": "what a host does to a card: a kiosk makes, loads and changes none",
    "protocol/card/status.py": "sentences for a person at a desk",
    "protocol/card/picc.py": "the card's side of a session; only the vectors need it",
    "protocol/card/ntag424.py": "account cards are the host's: a kiosk carries what it sends them",
    "protocol/card/sun.py": "the host's, which holds the keys of SUN messages",
    "protocol/wire/image_file.py": "whole images are the host's and the workshop's",
}
INPUTS = (
    "protocol/wire/image_file.py",
    "tools/firmware.py",
    "tools/compiler.py",
    "tools/pack",
    "tools/image.py",
    "tools/font.py",
    "tools/texts.py",
    "host/terminals/fleet/font.py",
    "requirements.lock",
)


def sources(root: Path) -> dict[str, Path]:
    """Path in the image (with .py) -> file, sorted: firmware/ at the root, protocol/ under its own name. What
    is frozen is among them.
    """
    found = {}
    for folder, base in (("firmware", root / "firmware"), ("protocol", root)):
        for path in sorted((root / folder).rglob("*.py")):
            if path.relative_to(root).as_posix() not in EXCLUDE:
                found[path.relative_to(base).as_posix()] = path
    return dict(sorted(found.items()))


def source_hash(root: Path, files: dict[str, Path]) -> str:
    """SHA-256 over names and contents of all that goes into the image, the tools that make it included."""
    digest = hashlib.sha256()
    inputs = {
        path.relative_to(root).as_posix(): path
        for name in INPUTS
        for path in [root / name, *sorted((root / name).glob("*.*"))]
        if path.is_file()
    }
    for name, path in {**files, **inputs}.items():
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def is_current(out: Path, digest: str) -> bool:
    try:
        manifest = json.loads((out / MANIFEST).read_text())
        return bool(manifest["source"] == digest) and all(
            (out / name).stat().st_size == size for name, size in manifest["outputs"].items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def packed(files: dict[str, Path], frozen: dict[str, Path]) -> Packed:
    """The sources as chunks; what is frozen keeps its names. ValueError says what is not fit for the chip."""
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    below = tuple(path.read_text(encoding="utf-8") for path in frozen.values())
    instead = {**table.INSTEAD, **(words.INSTEAD if words.ROM in files else {})}
    given = Given(below, instead, table.values())
    try:
        return pack(texts, given, sizes)
    except SyntaxError as error:
        raise ValueError(f"{error.filename} does not compile for MicroPython:\n{error}") from error


def _frozen(files: dict[str, Path]) -> dict[str, bytes]:
    texts = {name.removesuffix(".py"): path.read_text(encoding="utf-8") for name, path in files.items()}
    return {f"{name}.mpy": content for name, content in compile_all(texts).items()}


def write(path: Path, content: bytes) -> None:
    """All or nothing: whoever reads at the same time sees the old file or the new one."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def build(root: Path = ROOT, out: Path = OUT) -> bool:
    """Build what is out of date; False when nothing was. Raises ValueError or FileNotFoundError."""
    files = sources(root)
    digest = source_hash(root, files)
    if is_current(out, digest):
        return False
    from tools import font

    out.mkdir(parents=True, exist_ok=True)
    texts = root / font.TEXTS.relative_to(ROOT)
    data = font.build_all(texts)
    if words.ROM in files:
        data["texts.bin"] = words.build(words.tables(texts))
    frozen = {name: files.pop(name) for name in FROZEN_SOURCES if name in files}
    chunks = packed(files, frozen)
    code = {f"{name}.mpy": content for name, content in compile_all(chunks.texts).items()}
    rom = image({**code, **data})
    outputs = {IMAGE: rom, UPDATE: with_header(rom, version(root)), FROZEN: image(_frozen(frozen)), **data}
    parts = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted({**code, **data}.items())
    }
    manifest = {
        "source": digest,
        "sha256": hashlib.sha256(rom).hexdigest(),
        "mpy_bytes": sum(len(content) for content in code.values()),
        "outputs": {name: len(content) for name, content in outputs.items()},
        "files": parts,
        "places": chunks.places,
        "names": chunks.names,
        "attributes": chunks.attributes,
    }
    for name, content in outputs.items():
        write(out / name, content)
    write(out / MANIFEST, json.dumps(manifest, indent=1).encode())
    return True


def main() -> int:
    try:
        if build():
            manifest = json.loads((OUT / MANIFEST).read_text())
            kib = manifest["outputs"][IMAGE] // 1024
            print(
                f"build/firmware/{IMAGE}: {kib} KiB, of which byte code {manifest['mpy_bytes'] // 1024} KiB"
            )
    except (ValueError, FileNotFoundError) as error:
        print(f"The firmware was not built. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
