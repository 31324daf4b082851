#!/bin/sh
# Finds a Python that can make .venv and hands over to setup_env.py. POSIX sh: this runs before anything of ours is there.
# Usage: sh tools/setup.sh [PYTHON]
set -eu

version_ok='import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)'
venv_ok='import ensurepip, venv'
without_venv=

if [ $# -gt 0 ] && [ -n "$1" ]; then
    candidates=$1
else
    candidates='python3 python3.14 python3.13 python3.12 python3.11'
fi

for candidate in $candidates; do
    "$candidate" -c "$version_ok" >/dev/null 2>&1 || continue
    if "$candidate" -c "$venv_ok" >/dev/null 2>&1; then
        exec "$candidate" tools/setup_env.py
    fi
    [ -n "$without_venv" ] || without_venv=$candidate
done

if [ -n "$without_venv" ]; then
    echo "$without_venv is here, but it cannot make a virtual environment: its venv or ensurepip is missing. Install it:" >&2
    echo "    apt install $without_venv-venv" >&2
    exit 1
fi
found=$(python3 -V 2>&1) || found="no python3 at all"
echo "Tapledger needs Python 3.11 or newer; looked for $candidates on PATH and found $found." >&2
echo "Install Python 3.11 or newer, or name one: make setup PYTHON=/path/to/python3.12" >&2
exit 1
