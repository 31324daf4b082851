"""The form of a vector file: what must be there, of which kind and size, before anything is computed.

Every fault is a ValueError with one line that says what is wrong and where.
"""

import json
from binascii import unhexlify

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

COMM = {"plain": 0, "mac": 1, "full": 3}

# What each op wants in `in`; those in brackets may be absent.
NEEDS = {
    "ev2-auth": "key rnd_a rnd_b ti pd_cap2 pcd_cap2",
    "ev2-auth-pcd": "key rnd_a challenge final",
    "ev2-auth-non-first": "key rnd_a challenge final",
    "ev2-session-keys": "key rnd_a rnd_b",
    "ev2-command": "ti enc_key mac_key ctr comm cmd header data",
    "ev2-change-key": "ti enc_key mac_key ctr key_no [old] new version",
    "tmac-session-keys": "key uid tmc_before",
    "an10922": "key m",
    "cmac": "key message",
    "sun-picc": "meta_key file_key picc_data cmac",
    "sun-plain": "file_key uid counter cmac",
}
# Length in bytes of the hex strings that have only one, and the highest value of the numbers.
SIZES = {
    16: "key rnd_a rnd_b enc_key mac_key challenge meta_key file_key old new",
    32: "final",
    6: "pd_cap2 pcd_cap2",
    4: "ti",
    1: "cmd key_no version",
}
SIZE = {name: size for size, names in SIZES.items() for name in names.split()}
HIGHEST = {"ctr": 0xFFFE, "counter": 0xFF_FFFF, "tmc_before": 0xFFFF_FFFE}


def _value(name: str, value: object) -> object:
    """Hex string -> bytes; the words of `comm`, numbers and truth values stay."""
    if name == "in.comm":
        if value not in COMM:
            raise ValueError("in.comm must be plain, mac or full")
        return value
    if not isinstance(value, str):
        return value
    try:
        return unhexlify(value)
    except ValueError:
        raise ValueError("%s is not hex: an even number of digits 0-9 A-F" % name)


def side(vector: "dict[str, Any]", which: str) -> "dict[str, Any]":
    """The object `in` or `out` with its hex strings as bytes."""
    values = vector.get(which)
    if not isinstance(values, dict) or not values:
        raise ValueError("vector needs an object %r with something in it" % which)
    return {name: _value(which + "." + name, value) for name, value in values.items()}


def complete(op: str, given: "dict[str, Any]") -> None:
    """ValueError unless `in` has all that the op wants, each of the right kind and size."""
    keyless = given.get("comm") in ("mac", "plain")  # nothing is encrypted then
    for name in NEEDS[op].split():
        if name == "enc_key" and keyless and not given.get(name):
            given[name] = b""
            continue
        optional, name = name[0] == "[", name.strip("[]")
        value = given.get(name)
        if value is None:
            if optional:
                continue
            raise ValueError("in.%s is missing" % name)
        if name in HIGHEST:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= HIGHEST[name]:
                raise ValueError("in.%s must be a number from 0 to %d" % (name, HIGHEST[name]))
        elif name != "comm" and not isinstance(value, bytes):
            raise ValueError("in.%s must be a hex string" % name)
        else:
            size = 16 if op == "ev2-auth-non-first" and name == "final" else SIZE.get(name, len(value))
            if name != "comm" and len(value) != size:
                raise ValueError("in.%s has %d bytes, expected %d" % (name, len(value), size))


def read(path: str) -> "list[Any]":
    """The vectors of a file; ValueError says what is wrong with it."""
    try:
        with open(path, encoding="utf-8") as file:
            vectors = json.load(file)
    except OSError as error:
        raise ValueError("cannot be opened: %s" % error)
    except (ValueError, RuntimeError) as error:  # RuntimeError: nested without end
        raise ValueError("is not JSON: %s" % error)
    if not isinstance(vectors, list):
        raise ValueError("must hold a list of vectors")
    return vectors
