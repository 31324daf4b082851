"""What the kiosk does: session, journal, screens. Knows no chip and no network."""
