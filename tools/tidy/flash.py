"""Who writes to a kiosk's flash: few modules, each with its reason, so that no sale waits behind a file."""

import ast
from collections.abc import Iterator

from tools.tidy.source import Fault, Source

WRITES = {"write_file", "remove_file", "writeblocks"}
# All but hal, the journal's ring and what runs when nothing is sold goes through kiosk/store.py.
WRITERS = {
    "firmware/chooser.py": "the slot record, before a firmware runs",
    "firmware/main.py": "the bundle of a kiosk that was just paired: nothing else runs then",
    "firmware/hal/flash.py": "offers it",
    "firmware/kiosk/ring.py": "the journal's records, less than a millisecond each",
    "firmware/kiosk/age.py": "called by the task journal",
    "firmware/kiosk/allowed.py": "called through the store",
    "firmware/kiosk/faults.py": "called through the store, or when everything else has ended",
    "firmware/kiosk/probation.py": "called through the store, and at the start",
    "firmware/kiosk/settings.py": "called through the store",
    "firmware/update/slot.py": "the other slot, between two sales",
}


def flash_has_few_writers(source: Source) -> Iterator[Fault]:
    if source.area != "firmware" or source.path in WRITERS:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            message = f"{node.func.attr}: give the task journal what has to be kept (kiosk/store.py)"
            yield Fault("flash-has-few-writers", source.path, node.lineno, message)
