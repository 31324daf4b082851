"""What the firmware may cost, in numbers that only fall; docs/firmware.md, "Heap", says how to keep to them."""
