"""ASCII texts in which what often stands side by side is one byte: 128 + n for pair n of such bytes."""

from collections import Counter
from functools import lru_cache
from itertools import pairwise

FIRST, MOST = 128, 256  # the first byte that stands for a pair, and the first that there is not
USES_MIN = 3  # a pair takes two bytes, and each use saves one


def coded(texts: tuple[str, ...]) -> tuple[bytes, list[bytes]]:
    """The pairs, two bytes each, and the texts. UnicodeEncodeError for what is not ASCII."""
    pairs = _pairs(tuple(sorted(set(texts))))
    found = []
    for text in texts:
        code = text.encode("ascii")
        for number, pair in enumerate(pairs, FIRST):
            code = code.replace(pair, bytes([number]))
        found.append(code)
    return b"".join(pairs), found


@lru_cache(2)  # the build asks for the same texts in each of its rounds
def _pairs(texts: tuple[str, ...]) -> list[bytes]:
    """Again and again what stands side by side most often by now."""
    codes = [text.encode("ascii") for text in texts]
    pairs: list[bytes] = []
    for number in range(FIRST, MOST):
        counts = Counter(pair for code in codes for pair in pairwise(code))
        if not counts:
            break
        pair, uses = max(counts.items(), key=lambda item: (item[1], item[0]))
        if uses < USES_MIN:
            break
        pairs.append(bytes(pair))
        codes = [code.replace(bytes(pair), bytes([number])) for code in codes]
    return pairs
