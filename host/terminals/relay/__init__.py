"""A card that lies on a terminal, talked to by the host: sessions, turns, bounds, desk readers."""
