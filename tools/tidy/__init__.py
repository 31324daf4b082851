"""House rules that no linter knows, each a function from a parsed source file to its faults.

`python -m tools.tidy` checks the tree; tests/test_tidy.py proves that each rule catches a planted fault.
Exceptions stand in allow.toml, each with its reason; one that is no longer needed is itself a fault.
"""
