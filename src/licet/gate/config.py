"""What does the gate need to be told? Settings as values; `server.py` makes them, nothing here reads an environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from licet.gate.bearer import Network

Clock = Callable[[], int]
"""Nanoseconds since the epoch, as `time.time_ns` gives them."""


@dataclass(frozen=True, slots=True)
class GateConfig:
    """`url_key` is the server's own secret (`secrets/url.key`). `folder` is where the features' modules are found.

    `shadow`: decide and log, refuse nobody. `url` is where people reach the server; offers point there.
    """

    url_key: bytes = field(repr=False)
    url: str = ""
    folder: Path | None = None
    workers: int = 1
    trusted_proxies: tuple[Network, ...] = ()
    cors: tuple[str, ...] = ()
    shadow: bool = False
