"""The words firmware and host share: pure functions, no I/O, no clock, no randomness of their own.

Runs under CPython and MicroPython, so it imports neither typing nor enum nor dataclasses.
"""
