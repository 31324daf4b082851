"""Lines without code are left out of a chunk: each step over one costs byte code a byte."""

import ast
import io
import tokenize

Place = tuple[int, str, int]  # line of a chunk from which on lines are this source's, from this line on

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
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1:
            for part in body:
                if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
                    said -= set(range(part.lineno, (part.end_lineno or part.lineno) + 1))
    return "".join(lines[row - 1] for row in sorted(said)), sorted(said)


def runs(first: int, path: str, rows: list[int]) -> list[Place]:
    """The places of lines of a source that stand one after the other from a line of a chunk on."""
    found: list[Place] = []
    for line, row in enumerate(rows, first):
        if not found or row - line != found[-1][2] - found[-1][0]:
            found.append((line, path, row))
    return found
