"""Words that MicroPython has in ROM as names, in the unix and the ESP32 port alike.

They are what dir() tells of its modules and types. A test asks the interpreter whether it knows them; a word
that a build lacks costs it heap, nothing else.
"""

from pathlib import Path

from tools.pack.source import ON_CHIP

_HERE = Path(__file__).parent

# Short ones that stand for names of ours, first what takes least room in an .mpy (words that every build of
# MicroPython has by the same number), as far as no source uses them. Not among them
# is what the interpreter looks up by itself on objects of a program: read, close, ioctl, keys, value ...
SPARE_WORDS = (_HERE / "spare_words.txt").read_text().split()

# Words for chunks that few others name: no module of the interpreter is called so.
_MODULES = frozenset(("_thread", "core", "event", "platform", "py", "re", "stream", "websocket"))
_OTHERS_FROM = next(n for n, word in enumerate(SPARE_WORDS) if n and len(word) < len(SPARE_WORDS[n - 1]))
CHUNK_WORDS = [word for word in SPARE_WORDS[_OTHERS_FROM:] if word not in ON_CHIP | _MODULES]

ROM_WORDS = frozenset((_HERE / "rom_words.txt").read_text().split()) | set(SPARE_WORDS)

# What the chip's own objects call their methods, beside the words above: these are never renamed, for ours
# may be called so too.
_OTHERS = (
    "active config datetime deinit duty duty_ns duty_u16 erase feed find freq get_next_update ifconfig info "
    "init irq isconnected mark_app_valid_cancel_rollback readblocks reset reset_cause rxbuf scan set_boot "
    "status timeout txdone width writeblocks"
)
OTHER_WORDS = frozenset(_OTHERS.split())
