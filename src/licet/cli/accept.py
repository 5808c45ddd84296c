"""`licet accept`: which licenses does a server ask me to accept, what do they say, and accepting them, from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import urllib.error
import urllib.request
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands

PAGE = """\
examples:
  licet accept                                   what the server here asks of this key, text after text
  licet accept weights --url https://models.example.org
  pass show licet | licet accept weights --url https://models.example.org --key - --yes

The key is never an argument: it is asked for, or with `--key -` read from standard input. Accepting is a promise about one
exact text, known by its SHA-256; a changed text is asked for anew."""
SECONDS = 30
MOST_BYTES = 4 << 20


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "accept",
        description="Read the licenses that a server's downloads ask for, and accept them.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "what", metavar="COMPONENT|LICENSE", nargs="?", help="only this one (default: all that are asked)"
    )
    parser.add_argument("--url", default="http://localhost:8000", help="the server (default: http://localhost:8000)")
    parser.add_argument("--key", choices=["-"], help="read the key from standard input")
    parser.add_argument("--yes", action="store_true", help="accept what is shown, without being asked")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    server = _Server(args.url, _key(args))
    asked = [
        one for one in server.get("/v1/acceptances")["asked"] if args.what in (None, one["component"], one["license"])
    ]
    if not asked:
        return _nothing(server, args.what)
    for one in asked:
        text = server.text(one)
        print(f"{one['license']}, asked for {one['component']} of {one['release']}\n")
        _summary(one["license"])
        print(text if text.endswith("\n") else text + "\n")
        print(f"SHA-256 {one['sha256']}")
        if not args.yes and not _agreed(one["license"]):
            print(f"Not accepted: {one['license']}", file=sys.stderr)
            return 1
        told = server.post("/v1/acceptances", {k: one[k] for k in ("release", "license", "sha256")})
        print(f"Accepted {told['license']} at {told['accepted_at']}.")
    return 0


def _nothing(server: _Server, what: str | None) -> int:
    done = [one for one in server.get("/v1/acceptances")["accepted"] if what in (None, one["license"])]
    for one in done:
        print(f"{one['license']} was accepted at {one['accepted_at']}.")
    if what is not None and not done:
        print(f"Nothing named `{what}` is asked for, or it was accepted already.")
    elif not done:
        print("Nothing is asked for.")
    return 0


def _key(args: argparse.Namespace) -> str:
    if args.key == "-":
        key = sys.stdin.readline().strip()
    elif sys.stdin.isatty():
        from getpass import getpass

        key = getpass(f"Key for {args.url}: ").strip()
    else:
        key = ""
    if not key:
        raise LicetError("no key", mend="pass it on standard input: `... | licet accept --key -`")
    if not args.yes and args.key == "-":
        raise LicetError(
            "nobody can be asked while the key comes from standard input",
            mend="add --yes once you have read the text, or leave --key out to be asked for it",
        )
    return key


def _agreed(license: str) -> bool:
    return input(f"Accept {license}? [y/N] ").strip().lower() in ("y", "yes")


def _summary(license: str) -> None:
    """The reading of a license that this version knows; of another there is its text alone."""
    from licet.licenses.explain import explain

    try:
        told = explain(license)
    except LicetError:
        print("This version of Licet has no reading of it: the text itself is what counts.\n")
        return
    for title, sentences in (("You may", told.you_may), ("You must", told.you_must), ("You may not", told.you_may_not)):
        for one in sentences:
            print(textwrap.fill(f"{title}: {one.sentence} ({one.cite})", 100, subsequent_indent="  "))
    print("\nThis is a reading of facts, not legal advice. The text:\n")


class _Server:
    """The portal of a server, as far as a key may write there."""

    def __init__(self, url: str, key: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise LicetError(f"`{url}` is no http address", mend="--url https://models.example.org")
        self._url, self._key = url.rstrip("/"), key

    def get(self, path: str) -> dict[str, Any]:
        return self._json(urllib.request.Request(self._url + path))  # noqa: S310  (looked at above)

    def post(self, path: str, told: dict[str, str]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        return self._json(urllib.request.Request(self._url + path, json.dumps(told).encode(), headers))  # noqa: S310

    def text(self, asked: dict[str, str]) -> str:
        """The text that is asked about, and no other. LicetError where the server shows a different one."""
        path = f"/licenses/{asked['component']}/text?sha256={asked['sha256']}"
        body = self._read(urllib.request.Request(self._url + path))  # noqa: S310
        if sha256(body).hexdigest() != asked["sha256"]:
            raise LicetError("the text is not the one that is asked about", where=self._url, mend="tell its operator")
        return body.decode("utf-8", "replace")

    def _json(self, request: urllib.request.Request) -> dict[str, Any]:
        request.add_header("Authorization", f"Bearer {self._key}")
        try:
            told = json.loads(self._read(request))
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise LicetError("this is no answer of a Licet server", where=self._url, mend="is the --url right?")
        return told

    def _read(self, request: urllib.request.Request) -> bytes:
        try:
            with _OPENER.open(request, timeout=SECONDS) as answer:
                body: bytes = answer.read(MOST_BYTES)
                return body
        except urllib.error.HTTPError as refused:
            with refused:
                raise LicetError(_detail(refused), where=self._url) from None
        except (OSError, ValueError) as wrong:
            reason = getattr(wrong, "reason", wrong)
            raise LicetError(f"cannot be reached ({reason})", where=self._url, mend="does it run?") from None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is not followed: the key is for this server alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def _detail(refused: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(refused.read(1 << 16))["detail"])
    except (ValueError, KeyError, TypeError):
        return f"it answers {refused.code}"
