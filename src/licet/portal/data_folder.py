"""Who may look into the data folder? Its owner alone: the folder is 0700, each secret 0600 and made once, at first
start.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def prepare(data: Path) -> None:
    """Make the folder, or mend what it lets others see. Git never takes anything of it."""
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    ignore = data / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    for name in ("secrets", "mail"):
        (data / name).mkdir(exist_ok=True)
        (data / name).chmod(0o700)


def secret(data: Path, name: str) -> str:
    """The secret of that name, 256 bits as hexadecimal. The first of several processes that start together makes it."""
    made = secrets.token_hex(32)
    try:
        keep(data, name, made)
    except FileExistsError:
        return kept(data, name)
    return made


def keep(data: Path, name: str, value: str) -> None:
    """Write a secret that is made elsewhere. FileExistsError where there is one of that name."""
    handle = os.open(data / "secrets" / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(value)


def kept(data: Path, name: str) -> str:
    """The secret that was kept. FileNotFoundError without one."""
    return (data / "secrets" / name).read_text().strip()


def destroy(data: Path, name: str) -> None:
    """Forget a secret that is needed no more."""
    (data / "secrets" / name).unlink(missing_ok=True)


def served_at(data: Path, url: str) -> None:
    """Note where people reach the server, for the mails that a command sends beside it."""
    (data / "url").write_text(url + "\n")


def last_url(data: Path) -> str:
    """Where the server was reached when it ran last; "" if it never did."""
    try:
        return (data / "url").read_text().strip()
    except OSError:
        return ""
