"""`licet diff OLD NEW`: what changed in terms, for whom, looser or stricter, and does the version say so?"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from licet.cli.folder import release_folder
from licet.cli.portal import moment
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.revision import Version
    from licet.cli.types import Commands
    from licet.errors import Finding
    from licet.release.diff import Change

PAGE = """\
  licet diff v1.2.0 .                    a git revision of this folder against the folder as it is
  licet diff old/ new/                   two folders, or two licet.toml
  licet diff HEAD~1 HEAD --json
  licet diff v1.2.0 . --notice > NOTICE-OF-CHANGE.md

"looser" and "stricter" are seen by whoever the terms are for. Nothing that is stricter may come as a patch: the version
must go up in MAJOR or MINOR. Who accepted old terms keeps them for what they have: the notice says so, and says where an
old license speaks otherwise.

Exit code: 0 told; 1 the version hides a stricter change; 2 the question could not be asked."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "diff",
        help="what changed in terms, and for whom",
        description="What changed in terms between two versions of a release: component by component, tier by tier.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("old", metavar="OLD", help="a folder, a licet.toml, or a git revision of this folder")
    parser.add_argument("new", metavar="NEW", nargs="?", default="", help="the same (default: the folder as it is)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the changes and findings as JSON, with the notice")
    form.add_argument("--notice", action="store_true", help="a draft of the notice, in Markdown")
    parser.add_argument(
        "--from",
        dest="from_s",
        type=moment,
        metavar="DATE",
        help="when the new terms begin (default: after the notice)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.cli.revision import version
    from licet.release.bump import owned_up
    from licet.release.diff import changes, text_changes

    here = release_folder()
    try:
        old = version(args.old, here)
        new = version(args.new or str(here or "."), here)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    found = (*changes(old.release, new.release), *text_changes(old.release, new.release, old.texts, new.texts))
    findings = owned_up(old.release, new.release, found)
    if args.json:
        print(json.dumps(_json(args, old, new, found, findings), indent=1, ensure_ascii=False))
    elif args.notice:
        print(_notice(args, old, new, found), end="")
        _say(findings)
    else:
        _told(old, new, found)
        _say(findings)
    return 1 if any(f.level == "error" for f in findings) else 0


def _notice(args: argparse.Namespace, old: Version, new: Version, found: Sequence[Change]) -> str:
    from licet.release.notice import first_day_s, notice

    from_s = args.from_s if args.from_s is not None else first_day_s(old.release, int(time.time()))
    return notice(old.release, new.release, found, from_s)


def _say(findings: Sequence[Finding]) -> None:
    for finding in findings:
        print(f"{finding.level}: {finding}", file=sys.stderr)


def _told(old: Version, new: Version, found: Sequence[Change]) -> None:
    from licet.cli.cited import Sheet

    page = Sheet()
    page.title(f"{new.release.name}: {old.release.version} ({old.label})  ->  {new.release.version} ({new.label})")
    if not found:
        page.text("Nothing in the terms changed.")
    for way in ("stricter", "looser", "other"):
        page.rows(way.capitalize(), ((_sentence(c), _cites(c)) for c in found if c.way == way))
    if any(c.loses for c in found):
        page.title("Who holds a tier keeps the terms it was taken at, until moved with notice (--notice drafts it).")
    page.print()


def _sentence(change: Change) -> str:
    tiers = f" (for {', '.join(f'`{t}`' for t in sorted(change.tiers))})" if change.tiers else ""
    return f"{change.subject} {change.says}{tiers}"


def _cites(change: Change) -> str:
    return " -> ".join(c for c in (change.before, change.after) if c)


def _json(
    args: argparse.Namespace, old: Version, new: Version, found: Sequence[Change], findings: Sequence[Finding]
) -> dict[str, Any]:
    def side(one: Version) -> dict[str, str]:
        return {"name": one.label, "version": one.release.version, "sha256": one.release.sha256}

    return {
        "from": side(old),
        "to": side(new),
        "changes": [
            {
                "way": c.way,
                "subject": c.subject,
                "says": c.says,
                "tiers": sorted(c.tiers),
                "loses": c.loses,
                "before": c.before,
                "after": c.after,
            }
            for c in found
        ],
        "findings": [
            {"rule": f.rule, "level": f.level, "path": f.path, "line": f.line, "message": f.message, "mend": f.mend}
            for f in findings
        ],
        "notice": _notice(args, old, new, found),
    }
