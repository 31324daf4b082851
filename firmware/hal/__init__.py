"""Everything that touches the chip: the only package that imports machine, network and esp32."""
