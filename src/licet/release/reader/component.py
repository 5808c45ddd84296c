"""Reads `[[component]]`: what is released, under which license, made from what."""

from __future__ import annotations

import datetime
from pathlib import PurePosixPath
from typing import cast, get_args

from licet.errors import LicetError
from licet.release.reader.secret import secret_in
from licet.release.reader.spelling import STORE, shown
from licet.release.reader.table import Table, worded
from licet.release.release import Component, Kind, Upstream

KINDS: tuple[Kind, ...] = get_args(Kind)
CONTRIBUTIONS = ("none", "DCO-1.1", "CLA")
_EPOCH = datetime.date(1970, 1, 1)


def component(table: Table) -> Component:
    name = table.name()
    kind = table.choice("kind", KINDS, need=True)
    proprietary, accept = table.flag("proprietary"), table.flag("accept")
    written = license_of(table, "license")
    if proprietary and table.has("license"):
        mend = "keep one: `license` for those who may have it, `proprietary = true` for what stays inside"
        table.wrong("license-and-proprietary", f"{table.what} has a license and is proprietary", mend, "proprietary")
    elif not proprietary and not table.has("license"):
        mend = 'add `license = "..."` (an SPDX expression) or `proprietary = true`'
        table.wrong("missing-key", f"{table.what} has no license", mend)
    if accept and not table.has("license"):
        table.wrong("accept-nothing", f"{table.what} has no license to accept", "leave `accept` out", "accept")
    change_s, change_license = _change(table)
    contributions = table.choice("contributions", CONTRIBUTIONS)
    contributions_url = address(table, "contributions_url", query=True)
    if contributions == "CLA" and not table.has("contributions_url"):
        mend = 'add `contributions_url = "https://..."`, where contributors read and sign it'
        table.wrong("missing-key", f"{table.what} asks for a CLA that nobody can find", mend, "contributions")
    made = Component(
        name=name,
        kind=cast(Kind, kind or "code"),
        line=table.line,
        path=_path(table),
        store=_store(table),
        license=written or None,
        proprietary=proprietary,
        accept=accept,
        upstream=tuple(_upstream(t) for t in table.tables("upstream")),
        contributions=contributions,
        contributions_url=contributions_url,
        change_s=change_s,
        change_license=change_license or None,
        ask=_asked(table, accept),
        description=table.text("description", most=2000, many_lines=True),
    )
    table.done()
    return made


def _asked(table: Table, accept: bool) -> tuple[str, ...]:
    """The questions beside an acceptance."""
    texts = table.texts("ask")
    if texts and not accept:
        table.wrong("ask-nobody", f"nobody accepts {table.what}, so nobody is asked", "add `accept = true`", "ask")
    for n, (text, _) in enumerate(texts):
        if len(text) > 120 or n >= 10:
            says = f"`ask` of {table.what} has too many or too long questions"
            table.wrong("too-long", says, "ten at most, of 120 characters at most", "ask", n)
    return tuple(text for text, _ in texts)


def license_of(table: Table, key: str, *, need: bool = False) -> str:
    """The license expression under a key, in its canonical spelling; "" when it is absent or not one."""
    return normal(table, table.text(key, need=need, most=1000), key)


def normal(table: Table, text: str, key: str) -> str:
    """The canonical spelling of an expression, or a finding and ""."""
    from licet.licenses.expression import normalized  # here, so that a reader of names alone need not load the shelf

    if not text or secret_in(text):  # a secret is a finding already, and an error would echo it
        return ""
    try:
        return normalized(text)
    except LicetError as wrong:
        says, mend = f"{wrong.what} in {table.what}", wrong.mend
    except RecursionError:
        says, mend = f"the license of {table.what} has too many brackets", "take out those that change nothing"
    table.wrong("bad-license", says, mend or "write an SPDX expression, or `LicenseRef-...` for your own text", key)
    return ""


def address(table: Table, key: str, *, query: bool = False) -> str:
    """An http address without a password; with a query only where pages are meant."""
    text = table.text(key)
    if not text:
        return ""
    from urllib.parse import urlsplit  # imported here: most documents have no address, and `licet may` starts sooner

    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        secret = "@" in parts.netloc or (not query and bool(parts.query or parts.fragment))
    except ValueError:
        fine = secret = False
    if secret:
        mend = "keep host, port and path; a key's variable is named by `key_env`"
        table.wrong("address-with-secret", f"`{key}` of {table.what} says more than an address should", mend, key)
        return ""
    if not fine or any(c.isspace() for c in text):
        mend = f'write it like `{key} = "https://example.org/v1"`'
        table.wrong("bad-address", f"`{key}` of {table.what} is no http address: {shown(text)}", mend, key)
        return ""
    return text


def _upstream(table: Table) -> Upstream:
    made = Upstream(table.text("name", need=True), license_of(table, "license", need=True), table.line)
    table.done()
    return made


def _path(table: Table) -> str:
    text = table.text("path")
    if not text:
        return ""
    parts = PurePosixPath(text).parts
    if text.startswith(("/", "~")) or "\\" in text or ":" in text or ".." in parts:
        mend = 'write it from the folder of this file, with `/`: `path = "weights/"`'
        table.wrong("path-outside", f"the path {shown(text)} of {table.what} leaves the release", mend, "path")
        return ""
    if parts[:1] == (".licet",):
        table.wrong("path-outside", f"{table.what} lies in Licet's own folder", "move it out of `.licet`", "path")
        return ""
    return text


def _store(table: Table) -> str:
    """`s3://bucket/prefix`, without a `/` at its end. Where the store stands and with which key is a setting."""
    text = table.spelt("store", STORE, 'write it like `store = "s3://bucket/prefix"`: keys and addresses are settings')
    if not text:
        return ""
    if not table.has("path"):
        mend = 'add the folder under which callers find them: `path = "weights/"`'
        table.wrong("missing-key", f"the files in the store of {table.what} have no place", mend, "store")
    return text.rstrip("/")


def _change(table: Table) -> tuple[int | None, str]:
    """The moment from which another license holds, in seconds, and that license: both or neither."""
    day, license = _date(table, "change_date"), license_of(table, "change_license")
    for one, other in (("change_date", "change_license"), ("change_license", "change_date")):
        if table.has(one) and not table.has(other):
            mend = f"add `{other}`: a change needs a day and a license"
            table.wrong("missing-key", f"{table.what} has a `{one}` and no `{other}`", mend, one)
    if day is None or not license:
        return None, ""
    return (day - _EPOCH).days * 86_400, license


def _date(table: Table, key: str) -> datetime.date | None:
    table.asked.add(key)
    value = table.values.get(key)
    if value is None:
        return None
    if isinstance(value, str):  # in quotes it is as clear as without
        try:
            value = datetime.date.fromisoformat(value) if len(value) == 10 else value
        except ValueError:
            pass
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    found = (shown(value) if value else "empty") if isinstance(value, str) else worded(value)
    mend = f"write it like `{key} = 2028-01-01`"
    table.wrong("wrong-type", f"`{key}` of {table.what} is a day, not {found}", mend, key)
    return None
