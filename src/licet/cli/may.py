"""`licet may`: may WHO do WHAT with WHICH COMPONENT, and why? Of a license, or of the release at hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licet.cli import streams
from licet.cli.folder import unread
from licet.errors import Findings, LicetError

if TYPE_CHECKING:
    from licet.access.ask import Asked
    from licet.access.offers import Offer
    from licet.cli.presented import Presented
    from licet.cli.types import Commands
    from licet.release.release import Release
    from licet.terms import Verdict

FORMS = "licet may ACTION LICENSE, or licet may ACTION --release DIR (a folder with a licet.toml)"
PAGE = """\
Of a license (an id, an SPDX expression, or a name such as "llama 3"):
  licet may sell CC-BY-NC-4.0
  licet may use "MIT OR GPL-3.0-only" --fact commercial=true

Of a release; licet.toml is looked for here and upward, as git does:
  licet may basic_analysis --tier free       a feature, for somebody with that tier
  licet may download --component weights --tier premium
  licet may distribute                       every component together, by their licenses
  licet may sell --at 2029-01-01             as of a day to come: what opens on a change date is open then

Of somebody who shows a certificate; its licensor's keys are at /.well-known/jwks.json of his server:
  licet may commercial-use --certificate cert_4Tq.json --certificate-key jwks.json

Of somebody who is known to the server of that release:
  licet may chat --key-id key_4Tq...         by the public id of a key
  licet may chat --holder hol_9xW...
  echo "$KEY" | licet may chat --key -       by the key itself, read from standard input

The answer is yes, no or depends, with the place of each reason. Exit code 0 whenever there is an answer, 2 when the
question could not be asked; with --exit-code yes is 0, no is 1, depends is 3."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "may",
        help="may WHO do WHAT with WHICH COMPONENT, and why?",
        description="May WHO do WHAT with WHICH COMPONENT, under which facts, and why?",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("action", metavar="ACTION", help="a feature, `download`, or a word of licenses such as `sell`")
    parser.add_argument("license", metavar="LICENSE", nargs="?", help="ask a license instead of a release")
    parser.add_argument("--fact", metavar="NAME=VALUE", action="append", default=[], help="what you know; repeatable")
    parser.add_argument("--component", metavar="NAME", help="one component (default: all of them together)")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--tier", metavar="NAME", help="somebody who holds this tier")
    who.add_argument("--key-id", metavar="ID", help="the holder of a key, by its public id")
    who.add_argument("--holder", metavar="ID", help="a holder: an account or an organization")
    who.add_argument("--key", metavar="-", help="the holder of the key on standard input; a secret is no argument")
    parser.add_argument("--as", dest="claims", metavar="CLAIM", action="append", default=[], help="a claim; repeatable")
    parser.add_argument("--certificate", metavar="FILE", help="a certificate of the licensor's")
    parser.add_argument(
        "--certificate-key", metavar="FILE", type=Path, help="the licensor's keys (default: those of the server here)"
    )
    parser.add_argument("--revocations", metavar="FILE", type=Path, help="the licensor's list of what was taken back")
    parser.add_argument("--release", metavar="DIR", type=Path, help="the folder of the release, or its licet.toml")
    parser.add_argument("--at", type=_moment, metavar="DATE", help="as of this day: terms may open on a day to come")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--exit-code", action="store_true", help="exit with 0 for yes, 1 for no, 3 for depends")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        answer = _license(args) if args.license else _release(args)
    except LicetError as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        import json

        print(json.dumps(answer.as_json(), indent=1, ensure_ascii=False))
    else:
        from licet.cli.told import told

        print(told(answer, colour=streams.colour()))
    return {"yes": 0, "no": 1, "depends": 3}[answer.verdict.answer.name.lower()] if args.exit_code else 0


class Answer:
    """What is printed: the verdict of all parts together, and each part's where there are several."""

    def __init__(
        self,
        action: str,
        tier: str | None,
        parts: tuple[Asked, ...],
        offers: tuple[Offer, ...] = (),
        of: str = "",
        known: bool = False,
        certificate: Presented | None = None,
    ) -> None:
        from licet.access.ask import together

        self.action, self.tier, self.parts, self.offers, self.of = action, tier, parts, offers, of
        self.verdict: Verdict = together(parts)
        self.known, self.certificate = known, certificate

    def branches(self) -> list[dict[str, Any]]:
        """Of somebody who is known: which branch of the tree opened, and which stayed shut."""
        from licet.access.branches import as_json, branches

        (part,) = self.parts
        found = branches(part.policy, part.ask)
        return as_json(found, action=self.action, component=part.component, tier=self.tier)

    def as_json(self) -> dict[str, Any]:
        from licet.terms.plain import as_json

        whole = as_json(self.verdict, action=self.action, tier=self.tier, offers=self.offers)
        if self.certificate is not None:
            whole["certificate"] = self.certificate.as_json()
        if self.known and len(self.parts) == 1:
            whole["branches"] = self.branches()
        if len(self.parts) > 1:
            whole["components"] = {
                part.component: as_json(part.verdict, action=self.action, component=part.component, tier=self.tier)
                for part in self.parts
            }
        return whole


# --- of a license ----------------------------------------------------------------------------------------------------


def _license(args: argparse.Namespace) -> Answer:
    for option in ("component", "tier", "key_id", "holder", "key", "certificate", "release"):
        if getattr(args, option) is not None:
            name = option.replace("_", "-")
            raise LicetError(f"--{name} asks about a release, `{args.license}` is a license", mend=f"one of: {FORMS}")
    from licet.access.ask import of_license

    asked = of_license(args.action, args.license, {**_clock(args), **_facts(args)}, frozenset(args.claims))
    return Answer(args.action, None, (asked,), of=args.license)


# --- of a release ----------------------------------------------------------------------------------------------------


def _release(args: argparse.Namespace) -> Answer:
    file = _file(args)
    facts = _facts(args)
    if args.key_id or args.holder or args.key:
        if args.at is not None:
            raise LicetError(
                "what somebody will hold on another day nobody knows", mend="ask with --tier, or without --at"
            )
        from licet.cli.known import asked_by

        return asked_by(args, file, facts)
    from licet.access.ask import holder, of_release, whole

    release = read(file)
    claims = holder(frozenset([*args.claims, *([f"tier:{args.tier}"] if args.tier else [])]))
    known = {**whole(release, claims, facts), **_clock(args)}
    shown = None
    if args.certificate is not None:
        from licet.cli.presented import presented

        shown = presented(args, release, int(known["now_s"]))
    component = shown.component if shown else args.component
    if release.feature(args.action) is not None:
        component = args.component  # a certificate speaks of what licenses speak of, not of what is served
    certificates = shown.policies if shown else ()
    parts = of_release(args.action, release, component, claims, known, certificates=certificates)
    ways = _offers(release, args, claims, known, parts)
    return Answer(args.action, args.tier, parts, ways, of=release.name, certificate=shown)


def _offers(
    release: Release,
    args: argparse.Namespace,
    claims: frozenset[str],
    facts: Mapping[str, Any],
    parts: tuple[Asked, ...],
) -> tuple[Offer, ...]:
    """Ways to a yes: for what the gate serves, and where a license refuses, the certificates that tiers bring."""
    from licet.terms.action import DOWNLOAD

    if len(parts) != 1 or parts[0].verdict.answer.name == "YES":
        return ()
    if release.feature(args.action) is None and args.action != DOWNLOAD:
        from licet.access.sold import sold

        bare = {name: value for name, value in parts[0].ask.facts.items() if name != "now_s"}
        return sold(release, args.action, parts[0].component, bare, int(facts["now_s"]))
    from licet.access.offers import offers
    from licet.access.standing import Standing

    standing = Standing("", release.name, args.tier or "", release.sha256, claims)
    counts = {name: value for name, value in parts[0].ask.facts.items() if name.startswith("used:")}
    bare = {name: value for name, value in facts.items() if name not in counts and name != "now_s"}
    return offers(
        release, standing, bare, args.action, parts[0].component, int(facts["now_s"]), counts=_integers(counts)
    )


def _integers(counts: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(value) for name, value in counts.items()}


def read(file: Path) -> Release:
    """The release of a file; all its findings at once."""
    from licet.release.document import read as parse

    try:
        return parse(file.read_bytes(), path=file.name)
    except OSError as error:
        raise unread(file, error) from None
    except Findings as found:
        raise LicetError(f"{file.name} cannot be read:\n{found}", mend="mend it, then ask again") from None


def _file(args: argparse.Namespace) -> Path:
    """licet.toml where --release says, else here or in a folder above."""
    if args.release is not None:
        file: Path = args.release if args.release.is_file() else args.release / "licet.toml"
        if file.is_file():
            return file
        raise LicetError("no licet.toml there", where=str(args.release), mend="write one with `licet init`")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "licet.toml").is_file():
            return folder / "licet.toml"
    raise LicetError("of what? There is no licet.toml here or above, and no license is named", mend=f"ask {FORMS}")


def _facts(args: argparse.Namespace) -> dict[str, Any]:
    """`--fact commercial=true`, typed. LicetError for a fact nobody knows or a value of a wrong type."""
    from licet.terms import fact

    facts: dict[str, Any] = {}
    for text in args.fact:
        name, equals, value = text.partition("=")
        if not equals:
            raise LicetError(f"`{text}` is no fact", where="--fact", mend="write it as NAME=VALUE: commercial=true")
        try:
            facts[name.strip()] = fact.parse(name.strip(), value.strip())
        except ValueError as error:
            raise LicetError(str(error), where="--fact") from None
    return facts


def _moment(text: str) -> int:
    from licet.cli.portal import moment  # imported when asked for: `licet may` starts fast

    return moment(text)


def _clock(args: argparse.Namespace) -> dict[str, int]:
    import time

    return {"now_s": int(time.time()) if args.at is None else args.at}
