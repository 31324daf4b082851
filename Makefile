# Written for GNU make 3.81, the one that macOS has.
# One-line recipes; what needs thought lives in tools/, where it is tested.

PYTHON ?=
ARGS ?=
PY := .venv/bin/python
STAMP := .venv/.installed
CHECKED := $(wildcard host protocol simulator tools)
# Python is started thousands of times here: what it compiles it keeps, also in a shell that forbids it, as many images do.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check crash drain soak bench mutants fuzz firmware screens lock clean

help:
	@echo "Tapledger: VIP cards on an NFC kiosk, the books behind it, and a simulator of both."
	@echo ""
	@echo "  make run       set up, then start host, broker and one virtual kiosk; prints one address"
	@echo "  make test      set up, then run all tests (ARGS='-k card' passes options to pytest)"
	@echo "  make check     style, types, import arrows and the tidy rules"
	@echo "  make crash     kill host, broker and database at random moments (ARGS='--rounds 500 --seed 1')"
	@echo "  make soak      20,000 taps in 24 hours of the kiosk's clock: its heap may not grow (about 20 minutes)"
	@echo "  make drain     5,000 taps over 72 hours without a network, then into the books (about 20 minutes)"
	@echo "  make bench     measure, print a table, write build/bench.json"
	@echo "  make mutants   change the code in small ways and see whether a test notices (ARGS=host/ledger/purse, --again)"
	@echo "  make fuzz      throw bytes at what reads bytes, a minute each (ARGS='opened --seconds 600')"
	@echo "  make firmware  build build/firmware/firmware.img, the image of the kiosk"
	@echo "  make screens   draw every screen of the kiosk, show what changed (ARGS=--accept when it is right)"
	@echo "  make setup     only make .venv (PYTHON=/path/to/python3.12 chooses the interpreter)"
	@echo "  make lock      work out requirements.lock anew from pyproject.toml"
	@echo "  make clean     remove .venv and build/ (data/, the books of the demo, stays)"

$(STAMP): requirements.lock tools/setup_env.py tools/setup.sh
	@sh tools/setup.sh $(PYTHON)

setup: $(STAMP)

run: $(STAMP) firmware
	@exec $(PY) -m simulator demo $(ARGS)

firmware: $(STAMP)
	@$(PY) -m tools.firmware

test: $(STAMP) firmware
	@$(PY) tools/setup_env.py --pyscard
	@$(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(STAMP)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy $(CHECKED)
	@$(PY) -m tools.check_firmware
	@.venv/bin/lint-imports
	@$(PY) -m tools.tidy

crash: $(STAMP)
	@$(PY) -m tests.crash $(ARGS)

soak: $(STAMP) firmware
	@$(PY) -m tests.soak $(ARGS)

drain: $(STAMP) firmware
	@$(PY) -m tests.drain $(ARGS)

bench: $(STAMP) firmware
	@$(PY) -m tests.bench $(ARGS)

mutants: $(STAMP)
	@$(PY) -m tools.mutants $(ARGS)

fuzz: $(STAMP)
	@$(PY) -m tests.fuzz $(ARGS)

screens: $(STAMP)
	@$(PY) -m tools.screens $(ARGS)

lock: $(STAMP)
	@$(PY) -m tools.lock

clean:
	rm -rf .venv build
