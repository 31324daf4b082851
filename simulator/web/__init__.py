"""The page to play with: one kiosk drawn as a device, a tray of cards, and the ledger as it is written."""
