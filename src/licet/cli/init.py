"""`licet init`: a first licet.toml, by a few questions on a terminal or by flags."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from licet.errors import LicetError, closest

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.release.init import Part
    from licet.release.release import Kind, Release

DEMO = "licet.demo.features:basic_analysis"
LICENSED: tuple[Kind, ...] = ("code", "weights", "data", "docs", "adapter")
PAGE = """\
On a terminal it asks; with flags, or with nobody there to ask, it does not:
  licet init                                     here, by questions
  licet init sana --licensor "Example Lab" --code Apache-2.0 --weights CC-BY-NC-4.0
  licet init --licensor "Example Lab" --code MIT --feature mypackage.model:upscale
  licet init --licensor "Example Lab" --code MIT --closed trainer --price "19.00 EUR / month"
  licet init --licensor "Example Lab" --data CDLA-Permissive-2.0 --no-feature
  licet init --pattern open-core
  licet init --licensor "Example Lab" --pattern delayed-opening --weights CC-BY-NC-SA-4.0

A pattern is a way of releasing, with its licenses, tiers and what it costs you as comments; each can be overruled:
{patterns}

A license is an SPDX expression (`MIT OR Apache-2.0`), a name that Licet knows (`llama3`), or `LicenseRef-` and a
name for a text of your own; `licet choose` helps to find one. Without --feature the file serves Licet's own
`licet.demo.features:basic_analysis`, so that you can try it before you name a function of yours.
An existing licet.toml is never overwritten without --force."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "init",
        help="write a first licet.toml",
        description="Write a first licet.toml: commented, complete, and ready to be served.",
        epilog=_page(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("dir", metavar="DIR", nargs="?", type=Path, default=Path(), help="the release's folder (here)")
    parser.add_argument("--pattern", metavar="PATTERN", help="begin with a way of releasing (below)")
    parser.add_argument("--name", help="the release's name (default: the folder's)")
    who = "who gives the licenses: a person or an organization (a pattern begins with its authors)"
    parser.add_argument("--licensor", metavar="WHO", help=who)
    parser.add_argument("--contact", metavar="ADDRESS", help="who answers questions about them")
    parser.add_argument("--why", metavar="WORDS", help="why these terms, in your own words")
    what = parser.add_argument_group("what is released, at least one")
    for kind in LICENSED:
        what.add_argument(f"--{kind}", metavar="LICENSE", help=f"the license of the {kind}")
    closed = "a component that stays inside; repeatable"
    what.add_argument("--closed", metavar="NAME", action="append", default=[], help=closed)
    served_to = parser.add_argument_group("what is served, and to whom")
    served = served_to.add_mutually_exclusive_group()
    call = "a Python function, package.module:function; repeatable"
    served.add_argument("--feature", metavar="CALL", action="append", default=[], help=call)
    served.add_argument("--no-feature", action="store_true", help="serve nothing yet")
    tier = "free, research (by approval) or premium; repeatable (default: all)"
    served_to.add_argument("--tier", metavar="NAME", action="append", default=[], help=tier)
    served_to.add_argument("--price", metavar="PRICE", help='of premium, like "9.00 EUR / month"')
    served_to.add_argument(
        "--anonymous", action="store_true", help="let callers without an account try the first feature"
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing licet.toml")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    file: Path = args.dir / "licet.toml"
    if not args.force and (file.exists() or file.is_symlink()):
        raise LicetError("there is one already", where=str(file), mend="edit it, or overwrite it with --force")
    told = args.licensor or args.closed or args.pattern or any(getattr(args, kind) for kind in LICENSED)
    if not told and sys.stdin.isatty():
        ask(args, input)
    nameless = bool(args.pattern) and not args.licensor
    if nameless:  # a pattern is tried first and named later
        args.licensor = f"The {args.name or _folder_name(args.dir)} authors"
    missing = [
        *([] if args.licensor else ['who gives the licenses: --licensor "Example Lab"']),
        *(
            []
            if args.pattern or _parts(args)
            else ["what you release, under which license: --code MIT --weights CC-BY-NC-4.0"]
        ),
    ]
    if missing:
        print("licet init: say " + ", and ".join(missing), file=sys.stderr)
        return 2
    from licet.release.document import read

    text = _text(args)
    release = read(text.encode(), path=str(file))  # never hand over a file that Licet itself would refuse
    _write(file, text, force=args.force)
    print("\n".join(_next(file, release, nameless=nameless)))
    return 0


def _page() -> str:
    from licet.release.pattern import PATTERNS

    rows = (f"  {name:<16} {pattern.words}" for name, pattern in PATTERNS.items())
    return PAGE.replace("{patterns}", "\n".join(rows))


def ask(args: argparse.Namespace, answer: Callable[[str], str]) -> None:
    """Fill in the flags by asking. An answer that has no place is asked for again."""
    print("A few questions for a first licet.toml. Enter takes what stands in [brackets].\n")
    args.name = args.name or _asked(answer, "Name of the release", _folder_name(args.dir))
    args.licensor = _asked(answer, "Who gives the licenses (a person or an organization)?")
    args.contact = _asked(answer, "Where do questions about them go (address or page)?", empty="nobody yet")
    print("\nWhat do you release? For each an SPDX license (`licet choose` helps), or Enter for none.")
    while not _parts(args):
        for kind in LICENSED:
            if found := _asked(answer, f"  License of the {kind}", empty="none", check=_license):
                setattr(args, kind, found)
        name = _asked(answer, "  Something that stays inside, by name", empty="nothing")
        args.closed = [name] if name else []
    call = _asked(answer, "\nWhich Python function is served (package.module:function)?", DEMO, check=_call)
    args.feature = [call]
    args.price = _asked(answer, "Price of the premium tier", "9.00 EUR / month", check=_price)
    args.anonymous = _asked(answer, "May anybody try it without an account (y/n)?", "n").casefold().startswith("y")
    print()


def _asked(
    answer: Callable[[str], str],
    question: str,
    default: str = "",
    *,
    empty: str = "",
    check: Callable[[str], object] = str,
) -> str:
    """An answer that passes its check, or the default; "" only where `empty` says what that means."""
    shown = f" [{default or empty}]" if default or empty else ""
    while True:
        try:
            given = answer(f"{question}{shown} ").strip() or default
        except EOFError:
            raise LicetError("the questions were not all answered", mend="nothing was written") from None
        if not given:
            if empty:
                return ""
            continue
        try:
            check(given)
        except LicetError as wrong:
            print(f"  {wrong}")
            continue
        return given


def _license(text: str) -> str:
    from licet.licenses.expression import normalized

    return normalized(text)


def _call(text: str) -> None:
    from licet.release.init import check_call

    check_call(text)


def _price(text: str) -> None:
    from licet.release.init import check_price

    check_price(text)


def _parts(args: argparse.Namespace) -> list[Part]:
    from licet.release.init import Part

    open_ = [Part(kind, license) for kind in LICENSED if (license := getattr(args, kind))]
    return [*open_, *(Part("code", "", name) for name in args.closed)]


def _text(args: argparse.Namespace) -> str:
    from licet.release.init import PRICE, TIERS, draft

    if args.pattern:
        return _by_pattern(args)
    return draft(
        args.name or _folder_name(args.dir),
        args.licensor,
        _parts(args),
        contact=args.contact or "",
        why=args.why or "",
        calls=() if args.no_feature else args.feature or (DEMO,),
        tiers=args.tier or TIERS,
        price=args.price or PRICE,
        anonymous=args.anonymous,
    )


def _by_pattern(args: argparse.Namespace) -> str:
    from licet.release.init import PRICE, TIERS, draft
    from licet.release.pattern import PATTERNS, parts

    pattern = PATTERNS.get(args.pattern)
    if pattern is None:
        mend = closest(args.pattern, PATTERNS)
        raise LicetError(f"no pattern `{args.pattern}`", mend=mend)
    calls = args.feature or ((DEMO,) if pattern.tiers and not args.no_feature else ())
    named = {kind: license for kind in LICENSED if (license := getattr(args, kind))}
    return draft(
        args.name or _folder_name(args.dir),
        args.licensor,
        parts(pattern, int(time.time()), named, tuple(args.closed)),
        contact=args.contact or "",
        why=args.why or "",
        calls=calls,
        tiers=args.tier or pattern.tiers or TIERS,
        price=args.price or PRICE,
        anonymous=args.anonymous or pattern.anonymous,
        heading=pattern.heading,
        declare=pattern.declare,
        sold=pattern.sold,
    )


def _folder_name(folder: Path) -> str:
    from licet.release.init import shaped

    return shaped(folder.resolve().name)


def _write(file: Path, text: str, *, force: bool) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # "x": should somebody else have written it meanwhile, theirs stays.
        with file.open("w" if force else "x", encoding="utf-8") as out:
            out.write(text)
    except OSError as wrong:
        raise LicetError(f"cannot write: {wrong.strerror}", where=str(file), mend="choose another folder") from None


def _next(file: Path, release: Release, *, nameless: bool) -> Iterable[str]:
    """What was written, and what to do now."""
    parts = [
        _count(len(release.components), "component"),
        _count(len(release.features), "feature"),
        _count(len(release.tiers), "tier"),
    ]
    folder = "" if file.parent == Path() else f" {shlex.quote(str(file.parent))}"
    of = f" --release{folder}" if folder else ""
    opened = next((c for c in release.components if c.license), None)
    yield f"wrote {file}: {', '.join(parts)}"
    yield ""
    yield "Next"
    who = f"say who gives the licenses (now: {release.licensor}), and " if nameless else "say "
    rows = [(f"edit {file}", f"{who}why, in your own words; paths, quotas, prices")]
    if opened:
        rows.append((f"licet may sell --component {opened.name}{of}", "what the license says"))
    if release.features and release.tiers:
        ask = f"licet may {release.features[0].name} --tier {release.tiers[0].name}{of}"
        rows.append((ask, "what a tier may do"))
        rows.append((f"licet serve{folder}", "the gate and the page, on this machine"))
    wide = max(len(command) for command, _ in rows)
    for command, words in rows:
        yield f"  {command:<{wide}}  {words}"


def _count(n: int, what: str) -> str:
    return f"{n or 'no'} {what}" + ("" if n == 1 else "s")
