"""The script MicroPython starts with: puts the shim on the path (in place from memory if the launcher
mapped it) and hands over to prelude.py. Kept this small because it is compiled into the heap.
"""

import sys

_shim = [word[5:] for word in sys.argv[1:] if word.startswith("shim=")]
if _shim:
    import uctypes
    import vfs

    _address, _, _length = _shim[0].partition(":")
    vfs.mount(vfs.VfsRom(uctypes.bytearray_at(int(_address), int(_length))), "/shim-rom")
    sys.path[:] = ["/shim-rom", ".frozen"]

import prelude  # noqa: E402

prelude.main()
