"""What does the gate ask the portal? One small protocol; `server.py` hands over whoever answers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from licet.access.standing import Change, Credential, Standing


class Directory(Protocol):
    """Reads of the portal's read model. All are local, synchronous and cheap: one indexed SELECT each."""

    def credential(self, digest: bytes) -> Credential | None:
        """The credential whose bearer has this SHA-256; None for a bearer nobody was given."""

    def key(self, key_id: str) -> Credential | None:
        """The credential of this id (the newest where a rotation overlaps), for those who may ask about others."""

    def standing(self, holder_id: str, release: str) -> Standing | None:
        """What the holder is to the release; None for a holder who has no tier of it."""

    def document(self, sha256: str) -> bytes | None:
        """The bytes of a published `licet.toml`."""

    def newest(self, release: str, now_s: int) -> str | None:
        """The SHA-256 of the release's document in force."""

    def version(self) -> int:
        """Moves when anything was written (SQLite's `PRAGMA data_version`): a few microseconds."""

    def changes(self, after: int) -> Sequence[Change]:
        """The rows of the change log past `after`, in order."""

    def last_change(self) -> int:
        """The number of the newest change: whoever has loaded nothing yet follows from here on. 0 without one."""
