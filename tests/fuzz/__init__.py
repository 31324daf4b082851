"""Fuzzing of what reads bytes from outside: `make fuzz`, and a corpus that pytest replays."""
