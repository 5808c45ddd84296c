"""What does the gate need to be told? Settings as values; `server.py` makes them, nothing here reads an environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from licet.access.standing import Network

Clock = Callable[[], int]
"""Nanoseconds since the epoch, as `time.time_ns` gives them."""


@dataclass(frozen=True, slots=True)
class GateConfig:
    """`url_key` is the server's own secret (`secrets/url.key`). `folder` is where the features' modules are found, and the
    release's files; `data` is the data folder, which is never among them.

    `shadow`: decide and log, refuse nobody. `url` is where people reach the server; offers point there. `key_of` tells the
    value of a variable that a `key_env` names: the keys of the servers behind.
    """

    url_key: bytes = field(repr=False)
    url: str = ""
    folder: Path | None = None
    data: Path | None = None
    workers: int = 1
    trusted_proxies: tuple[Network, ...] = ()
    cors: tuple[str, ...] = ()
    shadow: bool = False
    files_url: str = ""  # another address of this server, for the bytes: they are fetched there by signed links
    store_links: bool = False  # what lies in an object store is fetched there, by links that the store signs
    accel: str = ""  # the internal location by which the proxy before us sends the release's files
    key_of: Callable[[str], str | None] = field(default=lambda name: None, repr=False)
