"""New firmware for kiosks: images, roll-outs in stages, and how each kiosk fares."""
