"""The description as a page: no script, nothing from elsewhere, everything on it from the description itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

POLICY = b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(told: Mapping[str, Any]) -> bytes:
    """HTML in UTF-8."""
    title, about = told["info"]["title"], told["info"]["description"]
    tags: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            tags.setdefault(one["tags"][0], []).append((method.upper(), path, one))
    body = "".join(_section(tag, several) for tag, several in tags.items())
    contents = "".join(f'<li><a href="#{_anchor(tag)}">{escape(tag)}</a></li>' for tag in tags)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}: HTTP</title><link rel="stylesheet" href="/static/licet/licet.css"></head><body>'
        '<a class="skip" href="#content">Skip to the content</a>'
        f'<header class="top"><a class="name" href="/">{escape(title)}</a></header><main id="content" class="page">'
        f"<h1>The HTTP interface</h1><p>{_ticked(about)}</p>"
        '<p>The same for machines: <a href="/openapi.json">openapi.json</a>.</p>'
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav>{body}</main></body></html>'
    ).encode()


def _section(tag: str, several: list[tuple[str, str, Mapping[str, Any]]]) -> str:
    return (
        f'<section id="{_anchor(tag)}"><h2>{escape(tag)}</h2>' + "".join(_one(*one) for one in several) + "</section>"
    )


def _one(method: str, path: str, told: Mapping[str, Any]) -> str:
    return (
        f'<details class="card" id="{escape(told["operationId"])}"><summary><code>{method} {escape(path)}</code> '
        f"{_ticked(told['summary'])}</summary>" + "".join(_inside(told)) + "</details>"
    )


def _inside(told: Mapping[str, Any]) -> Iterator[str]:
    if told["description"]:
        yield f"<p>{_ticked(told['description'])}</p>"
    if told["parameters"]:
        rows = "".join(
            f"<dt><code>{escape(p['name'])}</code></dt><dd>{_ticked(p['description'])}</dd>" for p in told["parameters"]
        )
        yield f'<dl class="facts">{rows}</dl>'
    if body := told.get("requestBody"):
        shape = json.dumps(next(iter(body["content"].values()))["schema"], ensure_ascii=False, indent=2)
        yield f'<h3>Takes</h3><div class="scroll" tabindex="0" role="region" aria-label="Takes"><pre>{escape(shape)}</pre></div>'
    yield '<h3>Answers</h3><dl class="facts">'
    for status, answer in told["responses"].items():
        kinds = ", ".join(answer.get("content", {})) or "no body"
        yield f'<dt>{status}</dt><dd>{_ticked(answer["description"])} <span class="soft">{escape(kinds)}</span></dd>'
    yield "</dl>"


def _ticked(text: str) -> str:
    """What stands between ticks is code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))


def _anchor(tag: str) -> str:
    return escape("tag-" + tag.lower().replace(" ", "-"))
