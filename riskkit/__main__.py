"""``python -m riskkit``: the command line."""

from .cli import main

main()
