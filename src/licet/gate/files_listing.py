"""How do a version's files read in the Hub's JSON? Written once, with the manifest and beside the loop: a repository of many
thousand files must keep no call waiting each time that somebody lists it.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import Protocol

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Listed(Protocol):
    """What is told of a file."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """`order` are files and folders by path, `entries` their JSON in a tree, `siblings` the JSON of all files."""

    order: tuple[str, ...]
    entries: Mapping[str, bytes]
    siblings: bytes

    def below(self, under: str, *, recursive: bool, after: str, most: int) -> tuple[list[str], bool]:
        """So many paths below a folder, from `after` on; and whether there are more."""
        head = f"{under}/" if under else ""
        at = max(bisect_left(self.order, head), bisect_right(self.order, after))
        found: list[str] = []
        for path in self.order[at:] if at else self.order:
            if not path.startswith(head):
                break
            if recursive or "/" not in path[len(head) :]:
                if len(found) == most:
                    return found, True
                found.append(path)
        return found, False


def listing(files: Mapping[str, Listed], folders: Iterable[str]) -> Listing:
    """The listing of one version."""
    entries, siblings = {}, []
    for folder in folders:
        told = {"type": "directory", "path": folder, "oid": sha1(folder.encode()).hexdigest(), "size": 0}  # noqa: S324
        entries[folder] = _dumps(told).encode()
    for file in files.values():
        oid, pointer = _pointer(file)
        lfs = {"size": file.size, "pointerSize": pointer}
        entry = {"type": "file", "path": file.path, "size": file.size, "oid": oid, "lfs": {"oid": file.sha256, **lfs}}
        entries[file.path] = _dumps(entry).encode()
        lfs_of_sibling = {"sha256": file.sha256, **lfs}
        siblings.append(_dumps({"rfilename": file.path, "size": file.size, "blobId": oid, "lfs": lfs_of_sibling}))
    return Listing(tuple(sorted(entries)), entries, f"[{','.join(siblings)}]".encode())


def _pointer(file: Listed) -> tuple[str, int]:
    """The git id and the size of the pointer that stands for a large file in a repository: every file is one here, so
    that its ETag, its cache name and its check are its SHA-256."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{file.sha256}\nsize {file.size}\n".encode()
    return sha1(b"blob %d\0" % len(text) + text).hexdigest(), len(text)  # noqa: S324
