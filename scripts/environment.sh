#!/usr/bin/env bash
# Make the virtual environment $1 afresh with a Python of 3.11 to 3.13: the one in $PYTHON, or the newest found.
set -euo pipefail
venv=$1

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

python=
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
  if fits "$candidate"; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "no Python of 3.11 to 3.13 found${PYTHON:+ (PYTHON=$PYTHON is not one)};" \
    "run: sudo apt-get install -y python3 python3-venv, or name one: make PYTHON=/path/to/python3.12" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  else
    echo "this Python cannot make virtual environments; run: sudo apt-get install -y python3-venv" >&2
    exit 1
  fi
fi
echo "installing jianzai with $("$python" -V) into $venv (a few minutes the first time) ..."
rm -rf "$venv"
"$python" -m venv "$venv"
