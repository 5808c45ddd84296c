"""Reads `[[feature]]`: what the gate serves, and from where."""

from __future__ import annotations

import json
from collections.abc import Collection

from licet.release.reader.component import address
from licet.release.reader.secret import secret_in
from licet.release.reader.spelling import CALL, VARIABLE, near, shown, spelt
from licet.release.reader.table import Table
from licet.release.release import Feature
from licet.terms.action import ACTIONS, DOWNLOAD, SUGAR

SOURCES = ("call", "openai", "http", "download")
_ACTIONS = frozenset({*ACTIONS, *SUGAR, DOWNLOAD})


def feature(table: Table, components: Collection[str]) -> Feature:
    """`components` are the names to serve, those of components with findings of their own among them."""
    name = table.name()
    if name in _ACTIONS:
        mend = "licenses speak of that action: choose another name, such as the model's"
        table.wrong("feature-named-like-action", f"{table.what} has the name of an action", mend, "name")
    call = table.spelt("call", CALL, 'write it like `call = "package.module:function"`')
    if call and ":" not in call:  # a module alone: the function in it that `@feature` marks with this name
        call = f"{call}:@{name}"
    openai, http = address(table, "openai"), address(table, "http")
    download = table.text("download")
    _one_source(table)
    if download and download not in components:
        says = f"unknown component {shown(download)} in `download` of {table.what}"
        table.wrong("unknown-component", says, near(download, components, "component"), "download")
    made = Feature(
        name=name,
        line=table.line,
        serves=_serves(table, components, download),
        call=call,
        openai=openai,
        http=http,
        download=download,
        model=_only_with(table, "model", ("openai",)),
        key_env=_key_env(table),
        cost_units=table.whole("cost", 1, 0, 1_000_000),
        timeout_s=table.whole("timeout_s", 30, 1, 3600),
        max_bytes=table.whole("max_bytes", 1 << 20, 1, 1 << 30),
        description=table.text("description", most=2000, many_lines=True),
        example=_example(table),
    )
    table.done()
    return made


def _one_source(table: Table) -> None:
    written = [s for s in SOURCES if table.has(s)]
    if not written:
        known = "`call`, `openai`, `http` or `download`"
        table.wrong("missing-key", f"{table.what} does not say where it comes from", f"add one of {known}")
    elif len(written) > 1:
        says = f"{table.what} comes from {' and '.join(f'`{s}`' for s in written)}"
        table.wrong("two-sources", says, "keep one; a second way is a second feature", written[1])


def _serves(table: Table, components: Collection[str], download: str) -> tuple[str, ...]:
    """What it serves, the first being the component that is asked about. A download serves what it sends."""
    texts = table.texts("serves", need=not table.has("download"))
    for name, n in texts:
        if name not in components:
            says = f"unknown component {shown(name)} in `serves` of {table.what}"
            table.wrong("unknown-component", says, near(name, components, "component"), "serves", n)
    names = tuple(name for name, _ in texts)
    if download and names and download not in names:
        mend = f"add {shown(download)} to `serves`, or leave `serves` out"
        table.wrong("download-not-served", f"{table.what} sends what it does not serve", mend, "serves")
    return names or ((download,) if download else ())


def _only_with(table: Table, key: str, sources: tuple[str, ...], most: int = 300) -> str:
    value = table.text(key, most=most)
    if table.has(key) and not any(table.has(s) for s in sources):
        with_ = " or ".join(f"`{s}`" for s in sources)
        table.wrong("key-without-use", f"`{key}` of {table.what} means something only with {with_}", "take it out", key)
    return value


def _example(table: Table) -> str:
    """An input to be copied: JSON, for a feature takes nothing else."""
    value = _only_with(table, "example", ("call", "http"), most=2000)
    if not value:
        return ""
    try:  # NaN, 1e999 or half of a surrogate pair: Python reads them, and nobody could be sent them
        given = json.loads(value)
        json.dumps(given, allow_nan=False, ensure_ascii=False).encode()
        fits = isinstance(given, dict)
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        mend = "write an object with the named arguments: `example = '{\"data\": [1, 2, 3]}'`"
        table.wrong("no-example", f"the `example` of {table.what} is no JSON object", mend, "example")
        return ""
    return value


def _key_env(table: Table) -> str:
    """The name of a variable. What is not one may be the key itself, so it is never shown."""
    value = _only_with(table, "key_env", ("openai", "http"))
    if not value:
        return ""
    if secret_in(value) or not spelt(VARIABLE, value):
        mend = 'write the name, `key_env = "CHAT_KEY"`, and set it where `licet serve` runs; revoke a key written here'
        table.wrong("key-in-document", f"`key_env` of {table.what} is not the name of a variable", mend, "key_env")
        return ""
    return value
