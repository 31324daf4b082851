"""Says where in the sources the tracebacks of a kiosk's console are.

    python -m tools.retrace < console.log

The image holds its modules in chunks, under short names (tools/pack); build/firmware/manifest.json says what
is where, of the image that was built last.
"""

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

from tools.firmware import MANIFEST, OUT, ROOT

FOLDERS = (ROOT / "firmware", ROOT)

FRAME = re.compile(r'File "(\w+)", line (\d+), in (\S+)')
ATTRIBUTE = re.compile(r"(has no attribute '|^NameError: name ')(\w+)(')")


def source_of(manifest: dict[str, Any], chunk: str, line: int) -> tuple[str, int] | None:
    """(path, line) in the sources; None for what is not of the image."""
    found = None
    for first, path in manifest["places"].get(chunk, ()):
        if first <= line:
            found = path, line - first + 1
    return found


def function_at(text: str, line: int) -> str:
    """The name of the innermost function around a line."""
    found = "<module>"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.lineno <= line <= (node.end_lineno or line):
            found = node.name  # walk() goes outside in
    return found


def translate(manifest: dict[str, Any], text: str, folders: tuple[Path, ...] = FOLDERS) -> str:
    """One line of a console; a line that is no part of a traceback comes back as it is."""

    def frame(match: re.Match[str]) -> str:
        place = source_of(manifest, match[1], int(match[2]))
        if place is None:
            return match[0]
        path, line = place
        source = next((folder / path for folder in folders if (folder / path).is_file()), None)
        name = function_at(source.read_text(encoding="utf-8"), line) if source else match[3]
        return f'File "{path}", line {line}, in {name}'

    text = FRAME.sub(frame, text)
    return ATTRIBUTE.sub(
        lambda match: match[1] + manifest["names"][""].get(match[2], match[2]) + match[3], text
    )


def main(manifest: Path = OUT / MANIFEST) -> int:
    try:
        known = json.loads(manifest.read_text())
    except (OSError, ValueError):
        print(f"There is no {manifest}: run `make firmware` for the sources the kiosk runs.", file=sys.stderr)
        return 1
    for line in sys.stdin:
        sys.stdout.write(translate(known, line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
