"""Does anything in the house decide by a role's name? Nothing may: ask for the act, the role's terms know the answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "licet"
LOOKS = frozenset({"filter", "exclude", "get", "Q", "get_or_create"})


def _of_role(node: ast.AST) -> bool:
    """`role`, `row.role`, `role.name`, `membership.role_id`, `role.pk`, `role.name.casefold()`."""
    match node:
        case ast.Name(id=name):
            return name == "role" or name.endswith(("_role", "role_id", "role_name"))
        case ast.Attribute(value=value, attr=attr):
            return attr in ("role", "role_id", "role_name") or (attr in ("name", "pk", "id") and _of_role(value))
        case ast.Call(func=ast.Attribute(value=value)):
            return _of_role(value)
    return False


def _fixed(node: ast.AST) -> bool:
    """A text or a constant, or several: what a role could be held against."""
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
        case ast.Tuple(elts=some) | ast.List(elts=some) | ast.Set(elts=some):
            return any(map(_fixed, some))
    return False


def offences(source: str) -> Iterator[int]:
    """The lines that decide by which role it is."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=rest):
                sides = [left, *rest]
                if any(map(_of_role, sides)) and any(map(_fixed, sides)):
                    yield node.lineno
            case ast.Match(subject=subject) if _of_role(subject):
                yield node.lineno
            case ast.Subscript(value=value, slice=key) if _of_role(key) and (
                _fixed(value) or isinstance(value, ast.Dict)
            ):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith", value=value)) if _of_role(value):
                yield node.lineno
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), keywords=words) if called in LOOKS:
                for word in words:
                    named = word.arg or ""
                    if named.startswith("role__name") or (
                        (named == "role" or named.startswith("role_")) and _fixed(word.value)
                    ):
                        yield node.lineno


def test_nothing_decides_by_which_role_it_is() -> None:
    found = [f"{p.relative_to(SRC)}:{n}" for p in sorted(SRC.rglob("*.py")) for n in offences(p.read_text())]
    # A chat's messages have a `role` too, which is another thing: the wire says `system`, `user`, `assistant`.
    assert [f for f in found if not f.startswith(("gate/openai", "gate/wire"))] == []


@pytest.mark.parametrize(
    "line",
    [
        "if role == 'owner': pass",
        "if membership.role.name in ('Owner', 'Admin'): pass",
        "ok = 'admin' != row.role_id",
        "x = LEVELS[role.name]",
        "x = {'Owner': 3}[role.name]",
        "rows.filter(role__name='Owner')",
        "rows.exclude(role_id=OWNER)",
        "match role.name:\n    case 'Owner': pass",
        "if role.pk == roles.FOUNDER: pass",
        "if role.name.casefold() == 'owner': pass",
        "if role.name.startswith('Own'): pass",
    ],
)
def test_the_rule_finds_it(line: str) -> None:
    assert list(offences(line)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "if role is None: pass",
        "asked(terms(role), 'manage:members')",
        "rows.filter(role=role)",
        "if other.pk != role.pk: pass",
    ],
)
def test_the_rule_lets_be_what_decides_nothing(line: str) -> None:
    assert list(offences(line)) == []


def test_every_act_of_the_vocabulary_is_asked_for_somewhere_and_no_other() -> None:
    """An act that opens nothing would be a promise; one that is not in the list would always be no."""
    from licet.access.role import ACTS

    texts: set[str] = set()
    for path in SRC.rglob("*.py"):
        if path.name == "role.py" or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                texts |= {"own:organization"} if name == "OWNS" else set()
    assert set(ACTS) <= texts
