"""Lines without code are left out of a chunk: each step over one costs byte code a byte. And what MicroPython
notes in each class, and nobody asks for, leaves its table before it grows.
"""

import ast
import io
import tokenize

from tools.pack.scopes import Function

Rows = tuple[int, ...]  # of a source: the calls by which something was brought where it is, and its own row
Place = tuple[int, str, Rows]  # line of a chunk from which on lines are this source's, from this row on

_BREAKS = (tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
_LAYOUT = (*_BREAKS, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)


def close(text: str) -> tuple[str, list[int]]:
    """The text without lines that say nothing to the compiler, docstrings among them; and the number that
    each line had."""
    lines = text.splitlines(keepends=True)
    said = {
        row
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _LAYOUT
        for row in range(token.start[0], token.end[0] + 1)
    }
    notes: dict[int, tuple[str, int]] = {}  # row that comes after -> what is said there, and the class's row
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1:
            for part in body:
                if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
                    said -= set(range(part.lineno, (part.end_lineno or part.lineno) + 1))
        if isinstance(node, ast.ClassDef) and any(isinstance(part, Function) for part in node.body):
            at = node.body[0]
            notes[at.lineno] = f"{' ' * at.col_offset}del __module__, __qualname__\n", node.lineno
    kept = []
    for row, line in enumerate(lines, 1):
        if row in notes:
            kept.append(notes[row])
        if row in said:
            kept.append((line, row))
    return "".join(line for line, _ in kept), [row for _, row in kept]


def runs(first: int, path: str, origins: list[Rows]) -> list[Place]:
    """The places of lines of a source that stand one after the other from a line of a chunk on."""
    found: list[Place] = []
    for line, rows in enumerate(origins, first):
        if found:
            last, _, before = found[-1]
            if before[:-1] == rows[:-1] and rows[-1] - line == before[-1] - last:
                continue
        found.append((line, path, rows))
    return found
