"""``python -m jianzai``."""

from jianzai.cli import main

main(prog_name="jianzai")
