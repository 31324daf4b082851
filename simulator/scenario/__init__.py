"""Scenarios: a kiosk's day as a script, one step a line, played on the real host, broker and firmware.

`grammar` reads the lines, `player` carries the steps out, `checks` holds what is there against what is
expected, `command` is the program `python -m simulator scenario FILE...`.
"""
