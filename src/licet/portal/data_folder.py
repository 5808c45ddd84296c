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
    path = data / "secrets" / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        made = secrets.token_hex(32)
        file.write(made)
    return made
