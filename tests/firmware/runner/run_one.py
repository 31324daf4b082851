"""Run one test function in this interpreter: run_one.py MODULE FUNCTION. A failure leaves with its traceback."""

import sys

module = __import__(sys.argv[1])
getattr(module, sys.argv[2])()
