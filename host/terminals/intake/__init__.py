"""The intake: what comes in is opened, decided in turn by one writer, and answered."""
