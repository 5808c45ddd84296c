"""`licet build [DIR] --out DIST`: what may go out to `open/`, with its papers; the rest to `private/`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licet.cli.folder import release_folder, unread
from licet.cli.portal import moment

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.errors import Finding
    from licet.release.bundle import Bundle
    from licet.release.release import Release

LEVELS = ("warning", "error")
END_S = 253_402_300_800  # the year 10000
PAGE = """\
  licet build --out dist                    here, or the nearest licet.toml above
  licet build my-model/ --out dist --force  write it anew
  licet build --out dist --at 2028-01-01    as of a day to come: what opens on a change date is open then

open/ has every file whose component has a license, the license texts, NOTICE, README with front matter, CONTRIBUTING, a
license for every file (REUSE), licet-terms.json, odrl.jsonld, SPDX and CycloneDX bills of materials, SHA256SUMS. private/
has the rest. The same folder gives the same bytes on the same day (SOURCE_DATE_EPOCH sets the day).

Nothing of a proprietary component goes out: not as a copy, a link, a hard link, inside an archive, or pasted whole into
another file. A part of such a file is not looked for. Texts of licenses come from the release's own folder
(LICENSES/ID.txt), else from what is installed here.

Exit code: 0 written; 1 findings, all at once, and nothing written; 2 the question could not be asked."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "build",
        help="split a release into what goes out and what stays in",
        description="Split a release by component: what may go out, with all its papers, and what stays in.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "dir", nargs="?", type=Path, metavar="DIR", help="the release's folder (default: the nearest licet.toml)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIST", help="where `open/` and `private/` are written"
    )
    parser.add_argument("--force", action="store_true", help="replace the `open/` and `private/` of an earlier build")
    parser.add_argument(
        "--at", type=moment, metavar="DATE", help="as of this day (default: SOURCE_DATE_EPOCH, else today)"
    )
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="GLOB",
        help="archives that you looked into yourself; repeatable",
    )
    parser.add_argument("--level", choices=LEVELS, default="error", help="the mildest level that fails (default error)")
    parser.add_argument("--json", action="store_true", help="what was written, and all findings, as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.release import bundle
    from licet.release.bundle_texts import installed
    from licet.release.document import read

    folder: Path | None = args.dir or release_folder()
    if folder is None:
        return _not_asked("no licet.toml here or in a folder above; `licet init` writes one; or name its folder")
    file = folder / "licet.toml"
    try:
        body = file.read_bytes()
    except OSError as wrong:
        return _not_asked(str(unread(file, wrong)))
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and args.at is None and not (epoch.isascii() and epoch.isdigit() and int(epoch) < END_S):
        return _not_asked(f"SOURCE_DATE_EPOCH: `{epoch[:30]}` is no moment; write seconds since 1970, or take it away")
    release = read(body, path=str(file))
    now_s = day_s(args.at)
    bundle.check_place(folder, args.out, force=args.force)
    provider = installed(release.licensor, time.strftime("%Y", time.gmtime(now_s)))
    made = bundle.plan(folder, release, now_s, args.out, provider, trust=args.trust)
    fails = [
        f
        for f in made.findings
        if LEVELS.index(f.level if f.level in LEVELS else "warning") >= LEVELS.index(args.level)
    ]
    if not fails:
        bundle.write(made, args.out, force=args.force)
    if args.json:
        print(json.dumps(_json(made, release, now_s, written=not fails), indent=1))
    else:
        _told(made, release, now_s, args.out, fails)
    return 1 if fails else 0


def _not_asked(says: str) -> int:
    print(says, file=sys.stderr)
    return 2


def day_s(at_s: int | None) -> int:
    """The moment that a build is of: what was asked for, SOURCE_DATE_EPOCH, or now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if at_s is not None:
        return at_s
    return int(epoch) if epoch else int(time.time())


def _told(made: Bundle, release: Release, now_s: int, out: Path, fails: Sequence[Finding]) -> None:
    from licet.release.openness import openness

    for finding in made.findings:
        print(f"{finding.level}: {finding}", file=sys.stderr)
    if fails:
        many = "one finding" if len(fails) == 1 else f"{len(fails)} findings"
        print(f"nothing was written: {many} to mend", file=sys.stderr)
        return
    print(f"{release.name} {release.version}, as of {time.strftime('%Y-%m-%d', time.gmtime(now_s))}")
    wide = max(len(c.name) for c in release.components)
    for component in release.components:
        license = component.license_at(now_s)
        print(f"  {component.name:<{wide}}  {license or 'stays in'}")
    print(f"{out / 'open'}: {len(made.out)} files; {out / 'private'}: {len(made.private)} files")
    found = openness(release, now_s, made.files)
    print(found.summary)


def _json(made: Bundle, release: Release, now_s: int, *, written: bool) -> dict[str, Any]:
    from dataclasses import asdict

    from licet.release.openness import as_json, openness

    return {
        "written": written,
        "open": sorted(made.out),
        "private": sorted(made.private),
        "unclaimed": sorted(made.unclaimed),
        "openness": as_json(openness(release, now_s, made.files)),
        "findings": [
            {
                key: value
                for key, value in asdict(f).items()
                if key in ("rule", "level", "path", "line", "message", "mend")
            }
            for f in made.findings
        ],
    }
