"""A process of its own: MicroPython inside this CPython process, with files mapped outside its heap.

usage: launcher.py LIFE_FD ARGUMENTS-OF-MICROPYTHON...; an argument NAME=@PATH becomes NAME=ADDRESS:LENGTH.
"""

import ctypes
import fcntl
import mmap
import os
import select
import signal
import sys


def die_with_parent(life: int) -> None:
    """The parent holds the other end of this pipe: when that closes, SIGIO comes; its handler is _exit.

    That handler is the C function itself: while MicroPython runs, CPython never gets to run one of its own.
    """
    libc = ctypes.CDLL(None)
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    libc.signal.restype = ctypes.c_void_p
    libc.signal(signal.SIGIO, ctypes.cast(libc._exit, ctypes.c_void_p))
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:  # nothing is ever written there: it was closed before we listened
        os._exit(signal.SIGIO)


def mapped(path: str) -> tuple[mmap.mmap, str]:
    """The file in memory that stays where it is, and ADDRESS:LENGTH of it. What is written to the file is
    seen there at once, as the ESP32 sees its flash. Nothing writes to the memory; it is writable because
    ctypes asks.
    """
    with open(path, "r+b") as file:
        memory = mmap.mmap(file.fileno(), 0)
    return memory, f"{ctypes.addressof(ctypes.c_char.from_buffer(memory))}:{len(memory)}"


def main(arguments: list[str]) -> int:
    from micropython_unix import run_main

    die_with_parent(int(arguments[0]))
    kept: list[mmap.mmap] = []
    words: list[str] = []
    for word in arguments[1:]:
        name, at, path = word.partition("=@")
        if at:
            memory, place = mapped(path)
            kept.append(memory)
            word = f"{name}={place}"
        words.append(word)
    return int(run_main(["micropython", *words]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
