"""`tapledger reader`: the agent on a clerk's PC, a terminal that carries APDUs and holds no card key.

Needs neither books nor keys of the house: its bundle, a broker, a reader. docs/desk.md, docs/relay.md.
"""
