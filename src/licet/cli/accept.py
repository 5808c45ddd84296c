"""`licet accept`: which licenses does a server ask me to accept, what do they say, and accepting them, from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licet.errors import LicetError, closest

if TYPE_CHECKING:
    from licet.cli.types import Commands

PAGE = """\
examples:
  licet accept                                   what the server here asks of this key, text after text
  licet accept weights --url https://models.example.org
  pass show licet | licet accept weights --url https://models.example.org --key - --yes

  pass show licet | licet accept weights --key - --yes --answer 'Your affiliation=Whale Watch'

The key is never an argument: it is asked for, or with `--key -` read from standard input. Accepting is a promise about one
exact text, known by its SHA-256; where the terms became stricter it is asked for anew. A signed receipt comes by mail, and
stands in `--receipts DIR`. With a key of an organization, --capacity says in which capacity you sign."""
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
    parser.add_argument(
        "--answer", metavar="QUESTION=ANSWER", action="append", default=[], help="to what is asked besides; repeatable"
    )
    parser.add_argument("--capacity", metavar="WORDS", help="in which capacity you sign for an organization")
    parser.add_argument("--receipts", metavar="DIR", type=Path, help="write the signed receipt there")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    answers = _answers(args.answer)
    server = _Server(args.url, _key(args))
    told = server.get("/v1/acceptances")
    asked = [one for one in told["asked"] if args.what in (None, one["component"], one["license"])]
    if not asked:
        return _nothing(told, args.what)
    for one in asked:
        text = server.text(one)
        print(f"{one['license']}, asked for {one['component']} of {one['release']}\n")
        _summary(server, one)
        print(text if text.endswith("\n") else text + "\n")
        print(f"SHA-256 {one['sha256']}")
        if not args.yes and not _agreed(one["license"]):
            print(f"Not accepted: {one['license']}", file=sys.stderr)
            return 1
        told = server.post("/v1/acceptances", {**_promise(args, one), **_asked(args, one, answers)})
        print(f"Accepted {told['license']} at {told['accepted_at']}.")
        _keep(args.receipts, told)
    return 0


def _promise(args: argparse.Namespace, one: dict[str, Any]) -> dict[str, Any]:
    words = f"licet accept {one['component']}{' --yes' * bool(args.yes)}"
    told = {**{k: one[k] for k in ("release", "license", "sha256")}, "how": "command", "words": words}
    return {**told, "authority": args.capacity} if args.capacity else told


def _asked(args: argparse.Namespace, one: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    """The answers to what the component asks besides; whoever is there is asked for those that are missing."""
    found: dict[str, str] = {}
    for question in one.get("ask") or ():
        if question not in answers and args.key != "-" and sys.stdin.isatty():
            answers[question] = input(f"{question}: ").strip()
        found[question] = answers.get(question, "")
    if lacks := [question for question, answer in found.items() if not answer]:
        asked = ", ".join(f"“{question}”" for question in lacks)
        raise LicetError(f"not answered: {asked}", mend=" ".join(f"--answer '{question}=...'" for question in lacks))
    return {"answers": found} if found else {}


def _answers(texts: list[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        question, equals, answer = text.partition("=")
        if not equals or not answer.strip():
            raise LicetError(f"`{text}` is no answer", where="--answer", mend="write it as QUESTION=ANSWER")
        found[question.strip()] = answer.strip()
    return found


def _keep(folder: Path | None, told: dict[str, Any]) -> None:
    """The receipt as a file, which `licet verify` checks."""
    if folder is None or not isinstance(told.get("receipt"), dict):
        return
    digest = str(told.get("sha256", ""))[:12]
    file = folder / f"receipt-{digest if digest.isalnum() else 'unnamed'}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(told["receipt"], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as wrong:
        raise LicetError(f"cannot write the receipt ({wrong.strerror})", where=str(file)) from None
    print(f"The receipt: {file}")


def _nothing(told: dict[str, Any], what: str | None) -> int:
    done = [one for one in told["accepted"] if what in (None, one["license"], one.get("component"))]
    for one in done:
        print(f"{one['license']} was accepted at {one['accepted_at']}.")
    if done:
        return 0
    if lacking := [one for one in told.get("without_text", ()) if what in (None, one["component"], one["license"])]:
        one = lacking[0]
        raise LicetError(
            f"{one['component']} asks for an acceptance of {one['license']}, and the release carries no text of it",
            mend="nobody can accept it until its licensor puts the text there: write to him",
        )
    names = {one[key] for one in told["asked"] for key in ("component", "license")}
    if what is not None and names:  # a slip of the pen must not look like an acceptance
        raise LicetError(f"nothing named `{what}` is asked for", mend=closest(what, names))
    print("Nothing is asked for." if what is None else f"Nothing named `{what}` is asked for.")
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


def _summary(server: _Server, asked: dict[str, Any]) -> None:
    """The reading that stands beside the text on the server: the one that the receipt names by its digest."""
    told = server.summary(asked)
    if not told:
        print("Nobody has read it in plain words: the text itself is what counts.\n")
        return
    for line in told.splitlines():
        print(textwrap.fill(line, 100, subsequent_indent="  "))
    print("\nThis is a reading of facts, not legal advice. The text:\n")


class _Server:
    """The portal of a server, as far as a key may write there."""

    def __init__(self, url: str, key: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise LicetError(f"`{url}` is no http address", mend="--url https://models.example.org")
        self._url, self._key = url.rstrip("/"), key

    def get(self, path: str) -> dict[str, Any]:
        return self._json(urllib.request.Request(self._url + path))  # noqa: S310  (looked at above)

    def post(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        return self._json(urllib.request.Request(self._url + path, json.dumps(told).encode(), headers))  # noqa: S310

    def text(self, asked: dict[str, str]) -> str:
        """The text that is asked about, and no other. LicetError where the server shows a different one."""
        path = f"/licenses/{asked['component']}/text?sha256={asked['sha256']}"
        body = self._read(urllib.request.Request(self._url + path))  # noqa: S310
        if sha256(body).hexdigest() != asked["sha256"]:
            raise LicetError("the text is not the one that is asked about", where=self._url, mend="tell its operator")
        return body.decode("utf-8", "replace")

    def summary(self, asked: dict[str, Any]) -> str:
        path = f"/licenses/{asked['component']}/summary?sha256={asked['sha256']}"
        return self._read(urllib.request.Request(self._url + path)).decode("utf-8", "replace")  # noqa: S310

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
