"""Programs, packed and as they are, run by MicroPython."""

import subprocess
from pathlib import Path

from tests.micropython import micropython
from tools.compiler import compile_all, sizes
from tools.image import image
from tools.pack.build import Given, Packed, pack

PROGRAMS = Path(__file__).parent / "programs"
FIRMWARE = Path(__file__).parents[3] / "firmware"
RUN = """
import sys
if sys.argv[1].endswith(".romfs"):
    import vfs
    vfs.mount(vfs.VfsRom(open(sys.argv[1], "rb").read()), "/rom")
    sys.path[:] = [".frozen", "/rom"]
else:
    sys.path[:] = [".frozen", sys.argv[1]]
import main
main.run()
print("loaded", len([name for name in sys.modules if name in ("main", sys.argv[2])]))
"""


def run(where: Path, script: Path, module: str = "") -> str:
    """What the program prints, and how many of main and this module were loaded in the end."""
    done = subprocess.run(
        [micropython(), str(script), str(where), module], capture_output=True, text=True, cwd=script.parent
    )
    return done.stdout + done.stderr


def packed_of(files: dict[str, str]) -> Packed:
    return pack(files, Given(), sizes)


def both(tmp_path: Path, files: dict[str, str]) -> tuple[str, str]:
    """What the sources say and what the image says."""
    script = tmp_path / "run.py"
    script.write_text(RUN)
    for name, text in files.items():
        path = tmp_path / "plain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = packed_of(files)
    code = {f"{name}.mpy": content for name, content in compile_all(made.texts).items()}
    rom = tmp_path / "packed.romfs"
    rom.write_bytes(image(code))
    seldom = next((chunk for chunk, modules in made.members.items() if modules == ["kiosk.seldom"]), "")
    return run(tmp_path / "plain", script, "kiosk.seldom"), run(rom, script, seldom)


def program(name: str) -> dict[str, str]:
    """Path -> text, from a file that holds several sources behind lines `### path`; an empty one is the
    firmware's."""
    parts = (PROGRAMS / f"{name}.txt").read_text(encoding="utf-8").split("### ")[1:]
    files = {head: text for head, _, text in (part.partition("\n") for part in parts)}
    return {path: text or (FIRMWARE / path).read_text(encoding="utf-8") for path, text in files.items()}
