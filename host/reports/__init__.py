"""What the books say, for people and for other programs. Reads; writes nothing."""
