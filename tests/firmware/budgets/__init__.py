"""What the firmware may cost, in numbers that fall; docs/firmware.md, "Heap", says how to keep to them."""
