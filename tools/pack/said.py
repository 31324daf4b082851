"""Long texts inside functions, taken out of them: see firmware/hal/said.py."""

import ast

from tools.pack.program import Symbol, code
from tools.pack.scopes import Function

MODULE = "hal.said"
SAID: Symbol = (MODULE, "said")
INTERNED_BYTES = 10  # a text as short as this is a name for the compiler


class Said:
    """The texts by number, in the order in which they were met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The same for the same text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def values(self) -> dict[Symbol, bytes]:
        """What the constants of the module are. ValueError when the texts outgrow their places."""
        whole, places = b"", bytes(2)
        for text in self._numbers:
            whole += text.encode()
            if len(whole) > 0xFFFF:
                raise ValueError("the texts of the program are longer than 64 KiB")
            places += len(whole).to_bytes(2, "little")
        return {(MODULE, "TEXTS"): whole, (MODULE, "PLACES"): places}


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
    return isinstance(node.value, str) and len(node.value.encode()) > INTERNED_BYTES
