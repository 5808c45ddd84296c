"""`licet serve [DIR]`: the gate and the portal for one release, from one folder."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from licet import settings
from licet.cli.folder import release_folder, unread
from licet.cli.types import port
from licet.errors import Findings, LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.config import PortalConfig
    from licet.release.release import Release
    from licet.server import Shape

GIVES_WAY = 10
"""How much nicer a portal of its own is than its gate: where cores are few, a page waits and no call does."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")
SETTINGS = "\n".join(f"  {name:<25}  {what}" for name, what in settings.NAMES.items())


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "serve",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Serve a release: its page and portal for people, its gate for callers, on one port.\n\n"
            "What is in force is the published document, not the file. Where licet.toml changed and nobody who holds a tier\n"
            "loses by it, it is published and what changed is said; where somebody would lose, serve stops and shows who."
        ),
        epilog=f"settings (from the environment):\n{SETTINGS}\n\nexamples:\n  licet serve\n  licet serve sana/ --port 9000"
        "\n  licet serve --dev       publish every start, for trying things out"
        "\n  licet serve --shadow    decide and log, refuse nobody"
        "\n  licet serve --portal & licet serve --gate    two processes: no page ever keeps a call waiting",
    )
    parser.add_argument(
        "dir", nargs="?", type=Path, metavar="DIR", help="the release's folder (default: the nearest licet.toml)"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1; 0.0.0.0 for all)"
    )
    parser.add_argument(
        "--port", type=port, default=8000, help="the port to listen on (default 8000; 0: any that is free)"
    )
    parser.add_argument(
        "--dev", action="store_true", help="publish licet.toml as it is, whoever loses, and say so on every page"
    )
    parser.add_argument("--shadow", action="store_true", help="decide and log, refuse nobody")
    apart = parser.add_mutually_exclusive_group()
    apart.add_argument(
        "--gate", action="store_const", dest="part", const="gate", default="both",
        help="only the gate: it owns the port, and passes the portal's paths on",
    )  # fmt: skip
    apart.add_argument(
        "--portal", action="store_const", dest="part", const="portal",
        help="only the portal, behind a `--gate` on the same folder and port",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    told = settings.read(os.environ)
    folder = args.dir or release_folder()
    if folder is None:
        raise LicetError("no licet.toml here or in a folder above", mend="`licet init` writes one; or name its folder")
    release = served(folder)
    from licet import server

    server.log_to_stderr(told.log)
    if args.part == "portal":
        return portal(args, told, folder, release)
    sock = server.listen(args.host, args.port)
    shape = server.Shape(args.host, sock.getsockname()[1], args.dev, args.shadow, part=args.part)
    config = server.portal_config(folder, told, shape)
    if args.part == "gate":
        server.wait_for_portal(config, release.name)
        app = server.application(folder, config, told, shape, (release.name,))
        server.run(app, sock, lambda: print(f"the gate of {release.name} is at {config.url}", flush=True))
        return 0
    put_up(folder, release, config, args.dev)
    app = server.application(folder, config, told, shape, (release.name,))
    words = greeting(release, config, shape, told.url)
    server.run(app, sock, lambda: print(words, flush=True))
    return 0


def portal(args: argparse.Namespace, told: settings.Settings, folder: Path, release: Release) -> int:
    """The portal alone, behind the gate."""
    from licet import server

    os.nice(GIVES_WAY)  # before any thread is made: each has its own
    if not args.port and told.url is None:
        raise LicetError("the portal has to know the gate's address", mend="give the gate's --port, or set LICET_URL")
    shape = server.Shape(args.host, args.port, args.dev, args.shadow, part="portal")
    config = server.portal_config(folder, told, shape)
    put_up(folder, release, config, args.dev)
    app = server.application(folder, config, told, shape, (release.name,))
    words = greeting(release, config, shape, told.url)
    sock = server.listen_behind(config.data)
    server.run(app, sock, lambda: print(words, flush=True))
    return 0


def put_up(folder: Path, release: Release, config: PortalConfig, dev: bool) -> None:
    """Database and document, before anybody is let in."""
    from licet import server

    if saved := server.open_portal(config):
        told = "was of an older Licet, or of a start that was cut short: migrated"
        print(f"the data folder {told}; the old one is kept as {saved}", file=sys.stderr)
    from licet.cli.publish import put_in_force

    put_in_force(folder, release, dev=dev)


def served(folder: Path) -> Release:
    """The release of a folder, whole and fit to be served. Raises Findings with all that stands against it."""
    from licet.release.accepting import unreadable
    from licet.release.document import read

    file = folder / "licet.toml"
    try:
        body = file.read_bytes()
    except OSError as error:
        raise unread(file, error) from None
    release = read(body, path=str(file))
    for warning in (*release.warnings, *unreadable(release, folder)):
        print(f"warning: {warning}", file=sys.stderr)
    if release.unserved:
        raise Findings(release.unserved)
    return release


def greeting(release: Release, config: PortalConfig, shape: Shape, settings_url: str | None) -> str:
    """What is printed once the server is ready: where it is, and what is still to do."""
    from licet.portal import events, operators

    lines = [f"{release.name} {release.version} is served at {config.url}"]
    if not operators.any_operator():
        link = operators.link(config.url, events.COMMAND)
        lines.append("There is no operator yet. Sign up, then open this link (it works once, for 15 minutes):")
        lines.append(f"  {link.reveal()}")
    if shape.host not in LOOPBACK and settings_url is None:
        lines.append(
            f"Others reach this machine by another name than {config.url}: set LICET_URL to the address they use,"
            " or its pages answer 400."
        )
    if config.smtp_url is None:
        lines.append("No SMTP server is set (LICET_SMTP_URL): codes and notices wait in `licet mail`.")
    return "\n".join(lines)
