"""The characters of the firmware's own fonts, and a look at them.

`python -m tools.font SAMPLE.png` draws every character of the fonts, for a look at their legibility. How
a font is drawn, and its file: host/terminals/fleet/font.py.
"""

import ast
import string
import sys
from pathlib import Path

from PIL import Image

from host.terminals.fleet.font import LARGE_48, STYLES, TEXT_24, Style, build, draw, typeface

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "firmware" / "kiosk" / "texts.py"
ASCII = "".join(chr(code) for code in range(32, 127))
ALWAYS = ASCII + "¥"
SYMBOLS = "✓×→"  # of kiosk/screens.py
LARGE = string.digits + ".,-¥"


def characters(texts: Path = TEXTS) -> str:
    """All characters of the string constants in a Python file, and those every kiosk needs; sorted."""
    used = set(ALWAYS + SYMBOLS)
    if texts.exists():
        for node in ast.walk(ast.parse(texts.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.update(char for char in node.value if char.isprintable() or char == "\u3000")
    return "".join(sorted(used))


def build_all(texts: Path = TEXTS) -> dict[str, bytes]:
    """File name -> font, of every style, with the characters of these texts."""
    return {f"font{style.height}.bin": build(_of(style, texts), style) for style in STYLES}


def _of(style: Style, texts: Path) -> str:
    return LARGE if style.height > TEXT_24.height else characters(texts)


def sample(path: Path) -> None:
    """All fonts on one sheet, twice their size."""
    sheet, top = Image.new("L", (640, 1200), 0), 0
    for style in STYLES:
        face, text, per_row = typeface(style), _of(style, TEXTS), sheet.width // style.wide
        for number, char in enumerate(text):
            row, column = divmod(number, per_row)
            sheet.paste(draw(char, style, face), (column * style.wide, top + row * (style.height + 2)))
        top += -(-len(text) // per_row) * (style.height + 2)
    sheet = sheet.crop((0, 0, sheet.width, top))
    sheet.resize((sheet.width * 2, sheet.height * 2), Image.Resampling.NEAREST).save(path)


__all__ = ["ASCII", "LARGE", "LARGE_48", "STYLES", "TEXT_24", "Style", "build", "characters", "sample"]

if __name__ == "__main__":
    sample(Path(sys.argv[1]))
