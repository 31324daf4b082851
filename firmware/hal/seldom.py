"""Code that is needed seldom is imported where it is used, and forgotten again while nobody pays.

A module forgotten is imported anew at its next use, from ROM, where its byte code is executed in place. Who
runs it meanwhile keeps it whole: a function holds on to its module. So it may not hold state of its own.
"""

import sys

_lasting: "frozenset[str]" = frozenset()


def keep() -> None:
    """What is imported by now stays."""
    global _lasting
    _lasting = frozenset(sys.modules)


def forget() -> None:
    """Let go of what was imported since keep(): the next collection takes it."""
    for name in [name for name in sys.modules if name not in _lasting]:
        module = sys.modules.pop(name)
        package, _, leaf = name.rpartition(".")
        holder = sys.modules.get(package)
        if getattr(holder, leaf, None) is module:
            delattr(holder, leaf)
