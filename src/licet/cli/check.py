"""`licet check [DIR]`: what does a release say against itself, and how is it mended?"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licet.cli import streams
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.errors import Finding
    from licet.release.check import Report

LEVELS = ("note", "warning", "error")
COLOURS = {"error": "\033[31m", "warning": "\033[33m", "note": "\033[36m"}
BOLD, DIM, END = "\033[1m", "\033[2m", "\033[0m"

PAGE = """\
  licet check                          the folder you are in, or the nearest licet.toml above it
  licet check my-model/ --json         for programs
  licet check --sarif > check.sarif    for code hosts
  licet check --level warning          fail on warnings too

It reads LICENSE files, headers, README and model cards, manifests, REUSE.toml, configs and the headers of weights, and
holds all of them against each other, against licet.toml if there is one, and against what the licenses say. Offline.
To live with a finding, write beside it why:

  # licet: ignore[RULE] REASON         this line and the next; near the top of a file, the whole file
  # licet: ignore[RULE GLOB] REASON    files that cannot carry a comment

Exit code: 0 nothing at the level, 1 findings at the level, 2 the folder cannot be checked. The rules: docs/check.md."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "check",
        help="what a release says against itself",
        description="Find what a release says against itself and against the licenses in it, before its users do.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "dir", nargs="?", type=Path, metavar="DIR", help="the folder (default: the nearest licet.toml, else here)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a list of findings as JSON")
    form.add_argument("--sarif", action="store_true", help="SARIF 2.1.0")
    parser.add_argument("--level", choices=LEVELS, default="error", help="the mildest level that fails (default error)")
    parser.add_argument("--quiet", action="store_true", help="show only what fails")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.cli.folder import release_folder
    from licet.release.check import check

    folder = args.dir or release_folder() or Path()
    bar = Bar()
    try:
        report = check(folder, progress=bar.show)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        bar.clear()
    fails = [f for f in report.findings if LEVELS.index(f.level) >= LEVELS.index(args.level)]
    shown = fails if args.quiet else list(report.findings)
    if args.json:
        print(json.dumps([as_json(f) for f in shown], indent=1))
    elif args.sarif:
        from importlib.metadata import version

        from licet.release.check.rules import NAMES
        from licet.release.check.sarif import sarif

        print(json.dumps(sarif(shown, report.ignored, NAMES, version("licet")), indent=1))
    else:
        page(report, shown)
    return 1 if fails else 0


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding in the shape of every finding."""
    names = ("rule", "level", "path", "line", "message", "mend")
    return {name: getattr(finding, name) for name in names}


def page(report: Report, shown: Sequence[Finding]) -> None:
    """One finding after the other, the worst first, then a line that counts them."""
    import textwrap

    colour = streams.colour()
    width = min(shutil.get_terminal_size((100, 24)).columns, 100) if sys.stdout.isatty() else 100

    def ink(code: str, text: str) -> str:
        return f"{code}{text}{END}" if colour else text

    for finding in shown:
        place = f"{finding.path}:{finding.line}" if finding.line else finding.path
        print(f"{ink(BOLD, place)}  {ink(COLOURS[finding.level], finding.level)}  {ink(DIM, finding.rule)}")
        sentence = f"{finding.message[:1].upper()}{finding.message[1:]}."
        lines = textwrap.wrap(sentence, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
        print("\n".join(lines))
        if finding.mend:
            wrapped = textwrap.wrap(finding.mend, width - 2, subsequent_indent="    ", break_on_hyphens=False)
            print(ink(DIM, "  → " + "\n".join(wrapped)))
        print()
    counts: Counter[str] = Counter(f.level for f in report.findings)
    told = ", ".join(
        f"{counts[level]} {level}{'s' * (counts[level] != 1)}" for level in reversed(LEVELS) if counts[level]
    )
    ignored = f"; {len(report.ignored)} ignored with a reason" if report.ignored else ""
    files = f"{report.files} file{'s' * (report.files != 1)}"
    print(f"{files}: {told or 'nothing to mend'}{ignored}")


class Bar:
    """How far it is, on a terminal only, and only where it takes long enough to wonder."""

    def __init__(self) -> None:
        self.shown = False

    def show(self, seen: int, all_of: int) -> None:
        if all_of >= 1024 and sys.stderr.isatty():
            done = 30 * seen // all_of
            print(f"\r[{'#' * done}{' ' * (30 - done)}] {seen}/{all_of} files", end="", file=sys.stderr, flush=True)
            self.shown = True

    def clear(self) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
