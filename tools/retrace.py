"""Says where in the sources the tracebacks of a kiosk's console are.

    python -m tools.retrace < console.log

The image holds its modules in chunks, under short names, several statements to a line (tools/pack), so this
says between which lines it happened; build/firmware/manifest.json says what is where, of the image that was
built last.
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


def source_of(manifest: dict[str, Any], chunk: str, line: int) -> tuple[str, list[int], int] | None:
    """(path, lines, last) in the sources: the calls that the build took away, then the first line of those
    that are meant, and the last; None for what is not of the image."""
    places = manifest["places"].get(chunk, ())
    if not 2 <= line < len(places) + 2:  # the first imports what the chunk uses
        return None
    path, (rows, last) = places[line - 2]
    return path, [*rows], last


def function_at(text: str, line: int) -> str:
    """The name of the innermost function around a line."""
    found = "<module>"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.lineno <= line <= (node.end_lineno or line):
            found = node.name  # walk() goes outside in
    return found


class Reader:
    """Reads a console line by line; a line that is no part of a traceback comes back as it is."""

    def __init__(self, manifest: dict[str, Any], folders: tuple[Path, ...] = FOLDERS) -> None:
        self._manifest, self._folders = manifest, folders
        self._last = ""  # the source's lines of the frame that came last

    def read(self, text: str) -> str:
        """One line."""
        return ATTRIBUTE.sub(self._attribute, FRAME.sub(self._frame, text))

    def _frame(self, match: re.Match[str]) -> str:
        place = source_of(self._manifest, match[1], int(match[2]))
        if place is None:
            return match[0]
        path, lines, last = place
        source = next((folder / path for folder in self._folders if (folder / path).is_file()), None)
        ranges = [f"line {line}" for line in lines]
        if last > lines[-1]:
            ranges[-1] = f"lines {lines[-1]}-{last}"
        if source is None:
            return f'File "{path}", {ranges[-1]}, in {match[3]}'
        text = source.read_text(encoding="utf-8")
        self._last = "\n".join(text.splitlines()[lines[-1] - 1 : last])
        frames = zip(ranges, lines, strict=True)
        return "\n  ".join(f'File "{path}", {told}, in {function_at(text, line)}' for told, line in frames)

    def _attribute(self, match: re.Match[str]) -> str:
        """Of several that go by one name it is the one that stands there."""
        names = self._manifest["attributes"].get(match[2], [match[2]])
        there = [name for name in names if re.search(rf"\b{name}\b", self._last)]
        return match[1] + " or ".join(there or names) + match[3]


def main(manifest: Path = OUT / MANIFEST) -> int:
    try:
        known = json.loads(manifest.read_text())
    except (OSError, ValueError):
        print(f"There is no {manifest}: run `make firmware` for the sources the kiosk runs.", file=sys.stderr)
        return 1
    reader = Reader(known)
    for line in sys.stdin:
        sys.stdout.write(reader.read(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
