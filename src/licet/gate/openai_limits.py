"""What may this caller's tier ask a model for? `models` of licet.toml, held against a request before anything is held.

A longer answer than the tier allows is shortened, as by a quota; whatever else goes beyond is refused with its name, the
line where the limit stands, and the tiers that do not have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from licet.gate.openai_admission import Asked, Kind, most_names
from licet.gate.plan import limits_of
from licet.gate.rights import Seat
from licet.release.limits import NOTHING, Limits
from licet.release.policy import ANONYMOUS
from licet.release.release import Anonymous, Release, Tier

_PARTS: Mapping[str, str] = {  # the types of parts of a prompt, and what they are made of
    "text": "text", "input_text": "text", "output_text": "text", "refusal": "text",
    "image_url": "image", "input_image": "image", "image": "image",
    "input_audio": "audio", "audio": "audio", "audio_url": "audio",
    "video_url": "video", "input_video": "video", "video": "video",
    "file": "file", "input_file": "file",
}  # fmt: skip
_KEYS: Mapping[str, str] = {k: v for k, v in _PARTS.items() if v != "text"} | {
    "file_data": "file", "file_id": "file", "file_url": "file",
}  # fmt: skip
_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a request asks for and may not: the parameter, and why in words."""

    param: str
    words: str


def level_of(seat: Seat) -> Tier | Anonymous | None:
    """The tier of a seat, or what callers without an account have."""
    return seat.table.release.anonymous if ANONYMOUS in seat.standing.claims else seat.table.tier


def aliased(seat: Seat, name: str) -> str:
    """The feature that callers of this tier reach by an alias; "" where there is none."""
    level = level_of(seat)
    return next((one.feature for one in (level.models if level else ()) if name in one.aliases), "")


def shortened(limits: Limits, kind: Kind, told: dict[str, Any]) -> dict[str, Any]:
    """The request with no longer an answer than the tier allows; what is no number is left to whoever checks it."""
    names = most_names(kind)
    if limits.max_tokens is None or not names:
        return told
    given = {name: told[name] for name in names if told.get(name) is not None} or {names[-1]: limits.max_tokens}
    return told | {k: min(n, limits.max_tokens) if type(n) is int else n for k, n in given.items()}


def beyond(limits: Limits, kind: Kind, told: Mapping[str, Any], asks: Asked) -> Beyond | None:
    """The first thing that the tier does not allow; None: all of it may be asked."""
    return next(_beyond(limits, kind, told, asks), None) if limits is not NOTHING else None


def elsewhere(newest: Release, feature: str, kind: Kind, told: Mapping[str, Any], asks: Asked) -> list[str]:
    """The tiers that would take this very request as far as their limits go: each is asked, none is guessed."""
    held = [tier for tier in newest.tiers if feature in tier.features]
    return [t.name for t in held if beyond(limits_of(t, feature), kind, told, asks) is None]


def _beyond(limits: Limits, kind: Kind, told: Mapping[str, Any], asks: Asked) -> Iterator[Beyond]:
    for name, (low, high) in limits.ranges.items():
        n = told.get(name)
        if n is not None and (isinstance(n, bool) or not isinstance(n, int | float) or not low <= n <= high):
            yield Beyond(name, f"may be {low:g} to {high:g}")
    if limits.answers is not None:
        for name in ("n", "best_of"):
            if isinstance(n := told.get(name), int) and n > limits.answers:
                yield Beyond(name, f"may be {limits.answers} at most")
    if limits.tools is not None:
        for tool in _tools(told):
            if tool not in limits.tools:
                only = ", ".join(f"`{name}`" for name in sorted(limits.tools))
                yield Beyond("tools", f"may be {only}, not `{tool[:80]}`" if only else "may not be used")
    if limits.modalities is not None:
        for param, made_of in _modalities(told):
            if made_of not in limits.modalities:
                only = " and ".join(sorted(limits.modalities))
                yield Beyond(param, f"may hold {only}, not {made_of[:80]}")
    if limits.prompt_tokens is not None and asks.prompt > limits.prompt_tokens:
        param = {"chat": "messages", "completions": "prompt"}.get(kind, "input")
        yield Beyond(param, f"may be {limits.prompt_tokens:,} tokens long (this is about {asks.prompt:,})")


def _tools(told: Mapping[str, Any]) -> Iterator[str]:
    """Every tool by name: a function's own, or the type of one that is built in."""
    for key in ("tools", "functions"):
        many = told.get(key)
        for tool in many if isinstance(many, list) else [many] if many else []:
            inner = tool.get("function") if isinstance(tool, dict) else None
            named = inner if isinstance(inner, dict) else tool
            kind = tool.get("type") if isinstance(tool, dict) else None
            is_function = key == "functions" or kind in (None, "function", "custom")
            name = named.get("name") if isinstance(named, dict) and is_function else kind
            yield name if isinstance(name, str) else "?"
    if told.get("web_search_options") is not None:
        yield "web_search"


def _modalities(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where in the request something of which kind stands: the parts of prompts, and what is wanted back."""
    wanted = told.get("modalities")
    for one in wanted if isinstance(wanted, list) else [wanted] if wanted else []:
        yield "modalities", one if isinstance(one, str) else "?"
    if told.get("audio") is not None:
        yield "audio", "audio"
    for name in ("messages", "input", "prompt"):
        for made_of in _made_of(told.get(name), 0):
            yield name, made_of


def _made_of(value: object, depth: int) -> Iterator[str]:
    """Whatever speaks of an image, a sound or a file counts as one, wherever it stands; a part of an unknown type counts
    as that type, so that nothing new slips through."""
    if isinstance(value, list):
        for inner in value:
            yield from _made_of(inner, depth + 1) if depth < _DEPTH else ("?",)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _KEYS and inner is not None:
                yield _KEYS[key]
            if key == "content" and isinstance(inner, list):
                yield from (_part(part) for part in inner if isinstance(part, Mapping))
            if isinstance(inner, list | Mapping):
                yield from _made_of(inner, depth + 1) if depth < _DEPTH else ("?",)
        if (kind := value.get("type")) in _KEYS:
            yield _KEYS[str(kind)]


def _part(part: Mapping[str, Any]) -> str:
    kind = part.get("type", "text")
    return _PARTS.get(kind, kind) if isinstance(kind, str) else "?"
