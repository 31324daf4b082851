"""`python -m host` is the same program as `tapledger`."""

from host.cli import main

main()
