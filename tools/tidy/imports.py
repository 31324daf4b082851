"""What firmware/ and protocol/ may import, and who may import firmware/.

The arrows between CPython packages are import-linter's.
"""

import ast
import re
import sys
from collections.abc import Iterator

from tools.tidy.source import Fault, Source


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HARDWARE = words("machine network esp esp32 bluetooth espnow")
FIRMWARE = words("boot chooser main hal drivers kiosk net update")
# Modules of MicroPython's ESP32 port that also stand on the unix port.
MICROPYTHON = words("""
    array asyncio binascii builtins cmath collections cryptolib deflate errno framebuf gc hashlib heapq io
    json math micropython os platform random re select socket ssl struct sys time tls uctypes vfs _thread
""")
PROTOCOL = words("array binascii collections cryptolib hashlib io json math micropython re struct sys")


def guarded(tree: ast.Module) -> set[int]:
    """The ids of imports that may fail: in a try that catches ImportError (its handlers too, the other
    Python's way), or under a test of TYPE_CHECKING or sys.implementation."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if (isinstance(node, ast.Try) and any(map(catches_import_error, node.handlers))) or (
            isinstance(node, ast.If) and re.search("TYPE_CHECKING|implementation", ast.unparse(node.test))
        ):
            found.update(id(inner) for inner in ast.walk(node))
    return found


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and "ImportError" in ast.unparse(handler.type)


def imported(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "" if node.level else (node.module or "").split(".")[0]


def micropython_imports(source: Source) -> Iterator[Fault]:
    if source.area not in ("firmware", "protocol"):
        return
    firmware = source.area == "firmware"
    may = MICROPYTHON | FIRMWARE | {"protocol"} if firmware else PROTOCOL | {"protocol"}
    # the chooser runs before there is a hal: that is in the slot which it chooses
    in_hal = source.path.startswith("firmware/hal/") or source.path == "firmware/chooser.py"
    fallible = guarded(source.tree)
    for node, name in imported(source.tree):
        if name in HARDWARE:
            if not in_hal:
                message = f"imports {name}: only firmware/hal/ touches the hardware's modules"
                yield Fault("micropython-imports", source.path, node.lineno, message)
        elif name and name not in may and id(node) not in fallible:
            where = "firmware may import its own packages, protocol and MicroPython's modules"
            message = (
                f"imports {name}: {where if firmware else 'protocol is pure and runs on MicroPython too'}"
            )
            yield Fault("micropython-imports", source.path, node.lineno, message)


def firmware_is_imported_by_nobody(source: Source) -> Iterator[Fault]:
    """Others build it, or start it as the simulated chip does. import-linter cannot tell: the firmware's
    packages stand at the top of a tree of their own."""
    if source.area in ("firmware", "tests") or source.path.startswith("simulator/board/shim/"):
        return
    for node, name in imported(source.tree):
        if name in FIRMWARE | {"firmware"}:
            message = f"imports {name}: only firmware/ and its tests import the firmware"
            yield Fault("firmware-is-imported-by-nobody", source.path, node.lineno, message)


def tools_hide_no_library(source: Source) -> Iterator[Fault]:
    """A script of tools/ has that folder before Python's own on its path: setup_env.py runs so, without
    anything installed."""
    folder, _, name = source.path.removesuffix(".py").rpartition("/")
    if folder == "tools" and name in sys.stdlib_module_names:
        yield Fault("tools-hide-no-library", source.path, 1, f"hides Python's own {name}: name it otherwise")
