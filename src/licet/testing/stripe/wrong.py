"""How does Stripe say no to a request? One exception that the server turns into the error body the SDK reads."""

from __future__ import annotations

from typing import Any


class Wrong(Exception):
    """A refused request: its status, Stripe's `type` of error, and where known `code`, `param`, `decline_code`."""

    def __init__(
        self, message: str, *, status: int = 400, type: str = "invalid_request_error", code: str = "", param: str = "",
        decline_code: str = "", headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.error: dict[str, Any] = {"type": type, "message": message}
        self.error |= {k: v for k, v in (("code", code), ("param", param), ("decline_code", decline_code)) if v}


def missing(kind: str, name: str) -> Wrong:
    """No object of this kind has this id."""
    return Wrong(f"No such {kind}: '{name}'", status=404, code="resource_missing", param="id")
