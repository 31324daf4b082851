"""Run one test function in this interpreter: run_one.py MODULE FUNCTION."""

import sys

module = __import__(sys.argv[1])
getattr(module, sys.argv[2])()
