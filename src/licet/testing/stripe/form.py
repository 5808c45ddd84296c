"""What did the SDK send? `items[0][price]=x` as nested values, the way Stripe reads a form."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from licet.testing.stripe.wrong import Wrong

_PARTS = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 12


def parse(text: str) -> dict[str, Any]:
    """A form or a query as dicts and lists of strings. `Wrong` for a name that is not well formed."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=5_000):
        head, bracket, rest = name.partition("[")
        parts = [head, *_PARTS.findall(bracket + rest)]
        if not head or "".join(f"[{p}]" for p in parts[1:]) != bracket + rest or len(parts) > _DEEPEST:
            raise Wrong(f"Invalid name of a parameter: {name[:80]!r}", code="parameter_unknown", param=name[:80])
        _put(found, parts, value)
    return {name: _listed(value) for name, value in found.items()}


def _put(into: dict[str, Any], parts: list[str], value: str) -> None:
    for at, part in enumerate(parts[:-1]):
        into = into.setdefault(part or str(len(into)), {})
        if not isinstance(into, dict):
            raise Wrong(f"`{parts[at]}` is given twice, as a value and as a hash", code="parameter_invalid_hash")
    last = parts[-1] or str(len(into))
    into[last] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(child) for name, child in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
