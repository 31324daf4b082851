"""The characters of the firmware's own fonts, and a look at them.

`python -m tools.font SAMPLE.png` draws every character of the two fonts, for a look at their legibility. How
a font is drawn, and its file: host/terminals/font.py.
"""

import ast
import string
import sys
from pathlib import Path

from PIL import Image

from host.terminals.font import LARGE_48, TEXT_24, Style, build, draw, typeface

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "firmware" / "kiosk" / "texts.py"
ASCII = "".join(chr(code) for code in range(32, 127))
ALWAYS = ASCII + "¥"
LARGE = string.digits + ".,-¥"


def characters(texts: Path = TEXTS) -> str:
    """All characters of the string constants in a Python file, and those every kiosk needs; sorted."""
    used = set(ALWAYS)
    if texts.exists():
        for node in ast.walk(ast.parse(texts.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.update(char for char in node.value if char.isprintable() or char == "\u3000")
    return "".join(sorted(used))


def sample(path: Path) -> None:
    """Both fonts on one sheet, twice their size."""
    chars = characters()
    per_row, rows = 24, -(-len(chars) // 24)
    sheet = Image.new("L", (per_row * 24, rows * 26 + 52), 0)
    for style, text, top, step in ((TEXT_24, chars, 0, 24), (LARGE_48, LARGE, rows * 26, 26)):
        font = typeface(style)
        for number, char in enumerate(text):
            row, column = divmod(number, per_row)
            sheet.paste(draw(char, style, font), (column * step, top + row * 26))
    sheet.resize((sheet.width * 2, sheet.height * 2), Image.Resampling.NEAREST).save(path)


__all__ = ["ASCII", "LARGE", "LARGE_48", "TEXT_24", "Style", "build", "characters", "sample"]

if __name__ == "__main__":
    sample(Path(sys.argv[1]))
