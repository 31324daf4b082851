"""Long texts inside functions, taken out of them: see firmware/hal/said.py."""

import ast

from tools.pack.pairs import coded
from tools.pack.program import Symbol, code
from tools.pack.scopes import Function

MODULE = "hal.said"
SAID: Symbol = (MODULE, "said")
INTERNED_BYTES = 10  # a text as short as this is a name for the compiler
LENGTH_MAX = 255


class Said:
    """The texts by number, in the order in which they were met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The same for the same text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def values(self) -> dict[Symbol, bytes]:
        """What the constants of the module are."""
        pairs, codes = coded(tuple(self._numbers))
        values = {"TEXTS": b"".join(codes), "PAIRS": pairs, "LENGTHS": bytes(map(len, codes))}
        return {(MODULE, name): value for name, value in values.items()}


def long_texts(body: list[ast.stmt]) -> set[ast.Constant]:
    """Constants in the bodies of functions, not in their defaults, that cost heap."""
    found: set[ast.Constant] = set()
    for statement in body:
        for node in code(statement):
            if isinstance(node, Function | ast.Lambda):
                for part in node.body if isinstance(node.body, list) else [node.body]:
                    found |= {
                        inner for inner in code(part) if isinstance(inner, ast.Constant) and _is_long(inner)
                    }
    return found


def _is_long(node: ast.Constant) -> bool:
    """What is not ASCII, or has no length of a byte, stays where it is."""
    text = node.value
    return isinstance(text, str) and INTERNED_BYTES < len(text) <= LENGTH_MAX and text.isascii()
