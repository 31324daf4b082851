"""Writing a kiosk's flash chip over a cable, with esptool and mpremote: the workshop's side."""
