"""Which files are of this release? A folder, walked in a fixed order, never left and never followed out of."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from licet.release.check.kinds import kind_of
from licet.release.check.statement import File

NEVER: Final = frozenset((
    ".git", ".hg", ".svn", ".licet", ".venv", "node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache",
    ".eggs", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache", ".ipynb_checkpoints",
    ".DS_Store",
))  # fmt: skip
RELEASE: Final = "licet.toml"


def walk(root: Path, shut: Callable[[str, OSError], None] = lambda path, wrong: None) -> Iterator[File]:
    """Every file by its path from `root`, `/` between its parts, folder by folder in the order of their names.

    Not entered: version control, caches, virtual environments, Licet's own data, the build output `dist` at the top,
    and folders with a `licet.toml` of their own, which are releases of their own. Links are told, never followed.
    `shut` is told of each folder that nobody here may look into.
    """
    waiting = [""]
    while waiting:  # no recursion: how deep it goes is the writer's choice
        path = waiting.pop()
        try:
            with os.scandir(root / path) as listed:
                entries = sorted(listed, key=lambda e: e.name)
        except FileNotFoundError:  # gone since it was listed
            continue
        except OSError as wrong:
            shut(path, wrong)
            continue
        if path and any(e.name in ("pyvenv.cfg", RELEASE) for e in entries):
            continue
        inside: list[str] = []
        for entry in entries:
            here = path + entry.name
            if entry.name in NEVER:
                continue
            try:
                if entry.is_symlink():
                    yield File(here, 0, kind_of(here), _target(root, Path(entry.path)))
                elif entry.is_dir(follow_symlinks=False):
                    inside += [here + "/"] if here != "dist" else []
                elif stat.S_ISREG((told := entry.stat(follow_symlinks=False)).st_mode):
                    yield File(here, told.st_size, kind_of(here, told.st_size))
            except OSError:
                continue  # gone since it was listed
        waiting += reversed(inside)


def _target(root: Path, link: Path) -> str:
    """Where a link ends up, as a path in the tree; `..` where that is elsewhere or nowhere."""
    try:
        real = link.resolve(strict=True)
        return str(PurePosixPath(real.relative_to(root.resolve()))) if real.exists() else ".."
    except (OSError, RuntimeError, ValueError):
        return ".."
