"""`licet schema`: the JSON Schema of licet.toml, for editors and other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from licet.cli.types import Commands

PAGE = """\
Beside a licet.toml:
  licet schema --out licet.schema.json

and as the first line of licet.toml, for editors that know Taplo (Even Better TOML in VS Code, Helix, Neovim, Zed):
  #:schema ./licet.schema.json

The editor then completes keys and explains each. The schema knows names, types and ranges; what refers to something
else (a tier's features, a license) is Licet's own to check: `licet may` and `licet serve` name every finding."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "schema",
        help="the JSON Schema of licet.toml for editors",
        description="Print the JSON Schema (draft 2020-12) of licet.toml, with a title and words on every key.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="write it to a file instead")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.errors import LicetError
    from licet.release.schema import text

    if args.out is None:
        print(text(), end="")
        return 0
    try:
        args.out.write_text(text(), encoding="utf-8")
    except OSError as wrong:
        raise LicetError(f"cannot write: {wrong.strerror}", where=str(args.out), mend="name another file") from None
    print(f"wrote {args.out}; make `#:schema ./{args.out.name}` the first line of the licet.toml beside it")
    return 0
