"""Runs as a process of its own: MicroPython inside this CPython process, with the ROM image mapped outside its heap.

usage: launcher.py LIFE_FD ROM|- ARGUMENTS-OF-MICROPYTHON...; `rom=@` among the arguments becomes the mapped address.
"""

import ctypes
import fcntl
import mmap
import os
import sys


def die_with_parent(life: int) -> None:
    """The parent holds the other end of this pipe: when it is gone, SIGIO (default: terminate) ends this process too."""
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)


def main(arguments: list[str]) -> int:
    from micropython_unix import run_main

    die_with_parent(int(arguments[0]))
    rest = arguments[2:]
    memory: mmap.mmap | None = None
    if arguments[1] != "-":
        with open(arguments[1], "rb") as file:
            rom = file.read()
        memory = mmap.mmap(-1, max(len(rom), 1))
        memory.write(rom)
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        rest = [f"rom={address}:{len(rom)}" if word == "rom=@" else word for word in rest]
    return int(run_main(["micropython", *rest]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
