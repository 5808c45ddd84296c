"""Which objects does a list show? Newest first, filtered and paged as Stripe does; `expand` puts whole objects in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from licet.testing.stripe.books import Books, Json, seen
from licet.testing.stripe.wrong import Wrong

type Test = Callable[[Json, Any], bool]
_PAGE = {"limit", "starting_after", "ending_before", "expand"}


def _parent(invoice: Json, subscription: str) -> bool:
    return bool(invoice["parent"]["subscription_details"]["subscription"] == subscription)


def _within(obj: Json, asked: Any) -> bool:
    if not isinstance(asked, dict):
        return bool(obj["created"] == int(asked))
    made = obj["created"]
    tests = {"gt": made.__gt__, "gte": made.__ge__, "lt": made.__lt__, "lte": made.__le__}
    return all(tests[name](int(at)) for name, at in asked.items())


SPECIAL: dict[tuple[str, str], Test] = {
    ("price", "lookup_keys"): lambda price, keys: price["lookup_key"] in keys,
    ("price", "recurring"): lambda price, asked: all((price["recurring"] or {}).get(k) == v for k, v in asked.items()),
    ("product", "ids"): lambda product, ids: product["id"] in ids,
    ("invoice", "subscription"): _parent,
    ("invoice_payment", "payment"): lambda one, asked: all(one["payment"][k] == v for k, v in asked.items()),
    ("subscription", "status"): lambda sub, asked: asked in ("all", sub["status"]),
    ("subscription", "price"): lambda sub, id: any(i["price"]["id"] == id for i in sub["items"]["data"]),
    ("event", "types"): lambda event, types: event["type"] in types,
}


LISTED: dict[tuple[Any, str], Callable[[Books, str], list[Json]]] = {
    ("invoice", "payments"): lambda books, id: [seen(o) for o in books.all("invoice_payment", invoice=id)],
    ("charge", "refunds"): lambda books, id: [seen(o) for o in books.all("refund", charge=id)][::-1],
    ("checkout.session", "line_items"): lambda books, id: [seen(o) for o in books.objects[id]["_items"]],
}
"""Lists that stand in an object only when they are asked for."""


def page(books: Books, kind: str, given: Json, url: str) -> Json:
    """One page of a list."""
    found = [obj for obj in books.all(kind) if _shown(kind, obj, given)]
    found.reverse()  # newest first: as they were made
    ids = [obj["id"] for obj in found]
    if after := given.get("starting_after"):
        if after not in ids:
            raise Wrong(f"No such object: '{after}'", code="resource_missing", param="starting_after")
        found = found[ids.index(after) + 1 :]
    if before := given.get("ending_before"):
        found = found[: ids.index(before)] if before in ids else found
    limit = given.get("limit", 10)
    if not 1 <= limit <= 100:
        raise Wrong("This value must be between 1 and 100", code="parameter_invalid_integer", param="limit")
    return {"object": "list", "data": [seen(o) for o in found[:limit]], "has_more": len(found) > limit, "url": url}


def _shown(kind: str, obj: Json, given: Json) -> bool:
    if kind == "subscription" and "status" not in given and obj["status"] in ("canceled", "incomplete_expired"):
        return False
    for name, asked in given.items():
        if name in _PAGE:
            continue
        test = _within if name == "created" else SPECIAL.get((kind, name))
        if test is not None and not test(obj, asked):
            return False
        if test is None:
            if name not in obj:
                raise Wrong(f"This server does not filter {kind} by `{name}` yet", param=name)
            if obj[name] != asked:
                return False
    return True


def expand(books: Books, answer: Json, paths: list[str]) -> Json:
    """The answer, with whole objects in place of the ids that `expand` names."""
    for path in paths:
        _put(books, answer, path.split("."), path)
    return answer


def _put(books: Books, into: Any, parts: list[str], path: str) -> None:
    if isinstance(into, list):
        for one in into:
            _put(books, one, parts, path)
        return
    name, rest = parts[0], parts[1:]
    if not isinstance(into, dict) or name not in into:
        inner = LISTED.get((into.get("object"), name)) if isinstance(into, dict) else None
        if inner is None:
            raise Wrong(f"This property cannot be expanded ({path})", param="expand")
        into[name] = {"object": "list", "data": inner(books, into["id"]), "has_more": False, "url": ""}
    value = into[name]
    if isinstance(value, str) and value in books.objects:
        held = books.objects[value]
        into[name] = {"id": value, "object": held["object"], "deleted": True} if held.get("deleted") else seen(held)
    if rest and into[name] is not None:
        _put(books, into[name], rest, path)
