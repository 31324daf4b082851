"""Messages between a kiosk and the host: codec, table, envelope, sealed fields, topics."""
