"""`python -m licet`: the command line."""

from licet.cli import entry

entry()
