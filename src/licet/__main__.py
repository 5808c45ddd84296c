"""`python -m licet`: the command line."""

from licet.cli import main

raise SystemExit(main())
