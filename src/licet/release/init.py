"""What does a first `licet.toml` look like? A commented file, made of a few answers, that always reads clean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from licet.errors import LicetError, closest
from licet.release.reader import amount
from licet.release.reader.secret import secret_in
from licet.release.reader.spelling import CALL, spelt, unprintable
from licet.release.release import Kind
from licet.terms.action import ACTIONS, DOWNLOAD, SUGAR

KINDS: tuple[Kind, ...] = get_args(Kind)
TIERS = ("free", "research", "premium")
PRICE = "9.00 EUR / month"
PATHS = {kind: "src" if kind == "code" else kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Part:
    """One component to be: `license` is an SPDX expression, "" keeps it inside (proprietary)."""

    kind: Kind
    license: str
    name: str = ""  # default: the kind
    accept: bool = False
    contributions: str = ""
    change_date: str = ""  # `2030-01-01`
    change_license: str = ""
    remark: str = ""  # a comment above it


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature to be, in its final name."""

    name: str
    call: str


def draft(
    name: str,
    licensor: str,
    parts: Iterable[Part],
    *,
    version: str = "0.1.0",
    contact: str = "",
    why: str = "",
    calls: Iterable[str] = (),
    tiers: Iterable[str] = TIERS,
    price: str = PRICE,
    anonymous: bool = False,
    heading: Iterable[str] = (),
    declare: Iterable[str] = (),
    sold: Mapping[str, str] | None = None,
) -> str:
    """The text of a first `licet.toml`. What was not asked for stands in it as a comment, ready to be used.

    `name` is brought into shape (`My Model!` -> `my-model`); `calls` are `package.module:function`; `tiers` are some of
    `TIERS`; `heading` are comments at the top; `sold` are licenses that the premium tier carries, by kind of component.
    LicetError for what has no place in a release: an unknown license, a call that is none, a secret.
    """
    components = _components(parts)
    features = _features(calls)
    levels = [_known(t, TIERS, "tier") for t in dict.fromkeys(tiers)]
    if features and not levels and not anonymous:
        raise LicetError("nobody may call what is served", mend=f"name a tier: {', '.join(TIERS)}")
    blocks = [
        *([_comments(heading)] if heading else []),
        _release(name, licensor, version, contact, why, check_price(price), tuple(declare)),
        *map(_component, components),
        *_served(features, _first_served(components), levels, price, anonymous, _sold(components, sold or {})),
    ]
    text = "\n\n".join(blocks) + "\n"
    if any(map(secret_in, text.split("\n"))):
        raise LicetError("one of the answers looks like a secret", mend="this file is published: leave it out")
    return text


def shaped(name: str) -> str:
    """A release's name out of any text: `My Model!` -> `my-model`."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:64].strip("-")
    return slug if len(slug) >= 2 else f"release-{slug}".rstrip("-")


# --- the answers, checked -------------------------------------------------------------------------------------------------


def check_price(price: str) -> str:
    """The currency of a price such as `9.00 EUR / month`. LicetError for what is none."""
    try:
        return amount.price(price)[1]
    except amount.AmountError as wrong:
        raise LicetError(str(wrong), mend=wrong.mend) from None


def _known(word: str, known: Iterable[str], what: str) -> str:
    if word not in known:
        raise LicetError(f"no {what} `{word}` to begin with", mend=closest(word, known))
    return word


@dataclass(frozen=True, slots=True)
class _Component:
    name: str
    kind: Kind
    license: str
    path: str
    part: Part


def _components(parts: Iterable[Part]) -> list[_Component]:
    """Each with a name and a folder of its own: two components cannot lie in the same place."""
    from licet.licenses.expression import normalized

    found: list[_Component] = []
    for part in parts:
        _known(part.kind, KINDS, "kind of component")
        slug = re.sub(r"[^a-z0-9._-]+", "-", (part.name or part.kind).casefold()).strip("-._")[:50] or part.kind
        name = next(n for n in _numbered(slug) if n not in {c.name for c in found})
        folder = PATHS[part.kind] if name == part.kind else name
        folder = next(f for f in _numbered(folder) if f + "/" not in {c.path for c in found})
        path = "" if part.kind == "service" else folder + "/"
        found.append(_Component(name, part.kind, normalized(part.license) if part.license else "", path, part))
    if not found:
        raise LicetError("a release has at least one component", mend="say what it is, and under which license")
    return found


def _features(calls: Iterable[str]) -> list[Feature]:
    taken: set[str] = {*ACTIONS, *SUGAR, DOWNLOAD}  # licenses speak of these: no feature may be called so
    features = []
    for call in dict.fromkeys(calls):
        check_call(call)
        slug = call.rpartition(":")[2].lower().lstrip("_")[:60] or "feature"
        name = next(n for n in _numbered(slug) if n not in taken)
        taken.add(name)
        features.append(Feature(name, call))
    return features


def check_call(call: str) -> None:
    """LicetError for what is not `package.module:function`."""
    if (
        not spelt(CALL, call) or ":" not in call or len(call) > 300
    ):  # a module alone names its features only when loaded
        raise LicetError("a feature is a Python function", mend="write it like `package.module:function`")


def _numbered(word: str) -> Iterator[str]:
    yield word
    yield from (f"{word}_{n}" for n in range(2, 1_000_000))


def _text(text: str, most: int) -> str:
    """One line as TOML, without what cannot be shown; "" for nothing."""
    plain = "".join(c for c in " ".join(text.split()) if not unprintable(c))[:most].strip()
    return json.dumps(plain, ensure_ascii=False) if plain else ""


def _beside(row: str, comment: str) -> str:
    return f"{row:<33} # {comment}"


# --- the file, block by block ---------------------------------------------------------------------------------------------


def _comments(rows: Iterable[str]) -> str:
    return "\n".join(f"# {row}".rstrip() for row in rows)


def _release(
    name: str, licensor: str, version: str, contact: str, why: str, currency: str, declare: tuple[str, ...]
) -> str:
    who = _text(licensor, 300)
    if not who:
        raise LicetError("nobody gives the licenses", mend="say who the licensor is: a person or an organization")
    rows = [
        "# What is released, under which terms, and who may use how much of it. This file is published: no secrets here.",
        "# `licet schema` prints the schema for your editor; `licet may ACTION` answers from this file.",
        "",
        "[release]",
        _beside(f'name = "{shaped(name)}"', "keys and usage know it by this name: it stays"),
        f"version = {_text(version, 64) or json.dumps('0.1.0')}",
        _beside(f"licensor = {who}", "who gives the licenses"),
    ]
    answers = _text(contact, 300)
    rows.append(f"contact = {answers}" if answers else _beside('# contact = "..."', "who answers questions about them"))
    reasons = _text(why, 2000)
    if reasons:
        rows.append(f"why = {reasons}")
    else:
        rows += ['# why = """', "# Why these terms, in your own words. It stands first on the public page.", '# """']
    rows.append(f'currency = "{currency}"')
    asked = f"declare = {json.dumps(list(declare))}" if declare else '# declare = ["commercial"]'
    rows.append(_beside(asked, "facts that every caller states once, when a key is made"))
    return "\n".join(rows)


def _component(one: _Component) -> str:
    part = one.part
    rows = [_comments(part.remark.split("\n"))] if part.remark else []
    rows += ["[[component]]", f'name = "{one.name}"', f'kind = "{one.kind}"']
    rows += [f'path = "{one.path}"'] if one.path else []
    if one.license:
        rows.append(f"license = {json.dumps(one.license)}")
    else:
        rows.append(_beside("proprietary = true", "stays inside: nobody gets a license"))
    if part.contributions:
        rows.append(_beside(f'contributions = "{part.contributions}"', "how contributions come in"))
    files = bool(one.license) and one.kind in ("weights", "adapter", "data")
    if part.accept and one.license:
        rows.append(_beside("accept = true", "its license must be accepted before a download"))
    elif files:
        rows.append(_beside("# accept = true", "its license must be accepted before a download"))
    if files:
        rows.append(
            _beside('# upstream = [{ name = "...", license = "..." }]', "what it was made from: those terms hold too")
        )
    if part.change_date:
        rows.append(_beside(f"change_date = {part.change_date}", "from this day on it is under"))
        rows.append(f"change_license = {json.dumps(part.change_license)}")
    elif files:
        rows += [
            _beside("# change_date = 2030-01-01", "from this day on it is under"),
            '# change_license = "Apache-2.0"',
        ]
    return "\n".join(rows)


def _sold(components: list[_Component], sold: Mapping[str, str]) -> dict[str, str]:
    """The licenses that the premium tier carries, by the names of the components."""
    return {c.name: sold[c.kind] for c in components if c.kind in sold and c.license}


def _first_served(components: list[_Component]) -> str:
    """The component whose license speaks of what comes out: the weights, where there are any."""
    order = ("weights", "adapter", "service", "code", "data", "docs")
    return min(components, key=lambda c: order.index(c.kind)).name


def _served(
    features: list[Feature], serves: str, levels: list[str], price: str, anonymous: bool, sold: Mapping[str, str]
) -> Iterator[str]:
    """Features, callers without an account, tiers; as a comment where there is nothing to serve yet."""
    if not features:
        example = [Feature("upscale", "package.module:upscale")]
        rows = "\n\n".join(_served(example, serves, levels or list(TIERS), price, anonymous, sold)).split("\n")
        yield "# Nothing is served yet. To begin, take out the `#` and name your own function:"
        yield "\n".join(f"# {row}".rstrip() for row in rows)
        return
    for feature in features:
        rows = ["[[feature]]", f'name = "{feature.name}"', f'call = "{feature.call}"']
        rows.append(_beside(f'serves = ["{serves}"]', "its license speaks of what comes out"))
        yield "\n".join(rows)
    every = _beside('features = ["*"]', "every feature")
    # Some free, all for more: unless there is nobody above to have the rest.
    first = every if set(levels) <= {"free"} else f'features = ["{features[0].name}"]'
    if anonymous:
        yield "\n".join([_beside("[anonymous]", "callers without an account"), first, 'quota = ["20 calls / day"]'])
    shapes = {
        "free": [first, 'quota = ["1000 calls / month"]', 'rate = "60 / minute"'],
        "research": [
            every,
            _beside('requires = "approval"', "an operator says yes"),
            'quota = ["20000 calls / month"]',
        ],
        "premium": [every, 'quota = ["100000 calls / month"]', f"price = {json.dumps(price)}"],
    }
    if sold:
        told = ", ".join(f"{name} = {json.dumps(license)}" for name, license in sold.items())
        shapes["premium"].append(_beside(f"licenses = {{ {told} }}", "what buyers get"))
    for level in levels:
        yield "\n".join(["[[tier]]", f'name = "{level}"', *shapes[level]])
