"""Bounds of the image as it is deployed and of the heap it runs in.

They are what an ESP32 without PSRAM asks for.
"""

KIB = 1024
MODULE_BYTES = 8 * KIB  # of one .mpy in the image
MPY_BYTES = 80 * KIB  # of all
# The firmware's share of a 64-bit heap; what stands for the chip's own modules is set aside and not counted
# (simulator/board/process.py). A 64-bit build needs 1.45 to 1.65 times an ESP32's.
LIVE_BYTES = 60 * KIB  # after boot or a reconnect, and a collection
HEAP_BYTES = 96 * KIB  # boots and sells in it
PIECE_BYTES = 4 * KIB  # nothing larger is allocated once the kiosk has booted
