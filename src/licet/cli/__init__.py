"""The command line: one file a command, imported when it is called, so that `licet may` never pays for Django.

Every command module has `add(commands)`, which registers its parser and sets `run`, and `run(args) -> int`, which prints
and returns the exit code: 0 answered, 1 findings or a failure to mend, 2 the question could not be asked.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import re
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

from licet.cli import streams
from licet.errors import LicetError, closest

# command -> one line for the overview, in the order people need them
COMMANDS = {
    "demo": "serve a ready release with three tiers, at once",
    "init": "write a first licet.toml",
    "may": "may WHO do WHAT with WHICH COMPONENT, and why?",
    "explain": "what a license says, in plain sentences",
    "compare": "what changes between two licenses, and for whom",
    "compat": "may a work that contains one license go out under another?",
    "identify": "which license a text is",
    "choose": "find a license that fits what you want",
    "write": "write a LICENSE file and headers",
    "accept": "read a license that a download asks for, and accept it",
    "verify": "check a certificate or a receipt, offline",
    "check": "what a release says against itself, before its users find it",
    "build": "split a release: what goes out with its papers, what stays in",
    "diff": "what changed in terms between two versions, and for whom",
    "serve": "run the gate and the portal for a release",
    "publish": "put a changed licet.toml in force",
    "account": "accounts: list, create, suspend, delete",
    "key": "keys: list, make, rotate, revoke, import",
    "tier": "tiers: who holds which, requests, approve, reject",
    "grant": "grants: an exception for one holder or domain, with reason and end",
    "whatif": "who gains and who loses by a change, before it is made",
    "certificate": "certificates: who has which, issue, revoke, rotate the key",
    "payments": "what is bought and sold: list, reconcile, sync with Stripe",
    "organization": "organizations: found, invite, roles, who may do what",
    "webhooks": "webhooks: which servers are told, how it went, send again",
    "mail": "read the mail that waits without SMTP",
    "why": "why was a call answered so? the verdict as it was",
    "audit": "verify or carry away the record of what happened",
    "ledger": "verify the counters, close a month",
    "backup": "save databases and secrets, while running",
    "restore": "bring a backup back",
    "doctor": "what is wrong with this installation, and how to mend it",
    "schema": "the JSON Schema of licet.toml for editors",
}
GROUPS = (
    ("Start", ("demo", "init")),
    ("Ask", ("may", "explain", "compare", "compat", "identify", "choose", "write", "accept", "verify")),
    ("Release", ("check", "build", "diff")),
    ("Serve", ("serve", "publish")),
    ("Operate", ("account", "key", "tier", "grant", "whatif", "certificate", "payments", "organization", "webhooks",
                 "mail", "why", "audit", "ledger", "backup", "restore", "doctor")),
    ("Edit", ("schema",)),
)  # fmt: skip


# Answered before a collection of garbage, or a tidy end of the interpreter, would be worth its time: 13 of 100 ms.
BRIEF = frozenset({"may", "explain", "compare", "compat"})


class Examples(argparse.HelpFormatter):
    """Where a text ends in `examples: licet … | licet …`, each stands whole on a line of its own, ready to be copied."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        found = re.search(r"(?:^|\s)[Ee](xamples?:) licet ", text)
        if found is None:
            return super()._fill_text(text, width, indent)
        lead, shown = text[: found.start()], text[found.end() :].split(" | licet ")
        words = [super()._fill_text(lead, width, indent), ""] if lead else []
        return "\n".join([*words, f"{indent}e{found[1]}", *(f"{indent}  licet {one}" for one in shown)])


class Parser(argparse.ArgumentParser):
    """argparse asks `shutil` how wide the terminal is, for each option, and that import brings three compressors along."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        formatter = settings.get("formatter_class", Examples)
        super().__init__(*args, **{**settings, "formatter_class": partial(formatter, width=_columns() - 2)})

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: error: {message}\n`{self.prog} --help` shows how it is used\n")


def _columns() -> int:
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 20:
        return int(asked)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ else 80
    except (OSError, ValueError):
        return 80


def entry() -> NoReturn:
    """What the shell calls: `main`, and for a brief command the shortest way out."""
    brief = sys.argv[1:2] and sys.argv[1] in BRIEF
    if brief:
        gc.disable()
    streams.ready()
    try:
        code = main()
    finally:  # argparse leaves by SystemExit
        streams.quiet()
    if brief:
        os._exit(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Errors print as `where: what; mend`, never as a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except LicetError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `licet explain MIT | head`
        return 0
    except OSError as error:  # a full disk, a folder without rights: the machine's, not ours
        where = error.filename or " ".join(["licet", *words[:1]])
        print(LicetError(error.strerror or str(error), where=str(where), mend=_mend(error)), file=sys.stderr)
        return 1
    except UnicodeEncodeError:
        if not any("\udc80" <= sign <= "\udcff" for word in words for sign in word):
            raise  # else the shell gave bytes that are no text: a path may hold them, a name may not
        print(
            LicetError("a word of the command is not UTF-8", mend="write it in this terminal's letters"),
            file=sys.stderr,
        )
        return 2
    except Exception as error:
        if not _of_the_database(error):
            raise
        mend = "`licet doctor` looks closer; `licet restore` brings a backup back"
        if "readonly" in str(error):
            mend = "run it as the user whose data folder it is"
        elif "locked" in str(error):
            mend = "another process writes there: try again in a moment"
        print(LicetError(f"the database cannot be used ({error})", mend=mend), file=sys.stderr)
        return 1


def _mend(error: OSError) -> str:
    """The mend of what this machine refused."""
    other = "run it as the user whose folder it is, or choose another place"
    mends = {
        errno.EACCES: other,
        errno.EPERM: other,
        errno.EROFS: "choose a place that can be written",
        errno.EEXIST: "choose another name, or move it away",
        errno.ENOTDIR: "choose another place",
        errno.ENOSPC: "make room on the disk",
        errno.ENOENT: "check the path",
    }
    return mends.get(error.errno or 0, "")


def _of_the_database(error: Exception) -> bool:
    """Damaged, locked, read only: SQLite's words, as they are or in Django's dress. Neither is imported for this."""
    sqlite, django = sys.modules.get("sqlite3"), sys.modules.get("django.db.utils")
    kinds = (*((sqlite.DatabaseError,) if sqlite else ()), *((django.DatabaseError,) if django else ()))
    return isinstance(error, kinds) and not isinstance(
        error, tuple(k for m in (sqlite, django) if m for k in (m.IntegrityError, m.ProgrammingError))
    )


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        if len(words) > 1 and words[0] == "help":
            return _run([words[1], "--help"])
        print(overview())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        from importlib.metadata import version

        print(f"licet {version('licet')}")
        return 0
    name = words[0]
    if name not in COMMANDS:
        near = closest(name, COMMANDS) or "`licet` alone lists them"
        print(f"licet: no command `{name}`; {near}", file=sys.stderr)
        return 2
    parser = Parser(prog="licet", allow_abbrev=False)
    commands = parser.add_subparsers()
    import_module(f"licet.cli.{name}").add(commands)
    args, unknown = parser.parse_known_args(words)
    if unknown:  # argparse would print the usage of `licet` here, not that of the command
        own: argparse.ArgumentParser = commands.choices[name]
        options = [option for action in own._actions for option in action.option_strings]
        mend = closest(unknown[0].partition("=")[0], options) if unknown[0].startswith("-") else ""
        own.error(f"unknown: {' '.join(unknown)}" + (f"; {mend}" if mend.startswith("did") else ""))
    code: int = args.run(args)
    return code


def overview() -> str:
    """What `licet` alone prints: the question, then the commands in groups."""
    lines = ["licet: may WHO do WHAT with WHICH COMPONENT, and why?", ""]
    for title, names in GROUPS:
        lines.append(title)
        lines += [f"  licet {name:<12} {COMMANDS[name]}" for name in names]
        lines.append("")
    lines.append("`licet COMMAND --help` is a page to learn from. A first taste: `licet demo`.")
    return "\n".join(lines)
