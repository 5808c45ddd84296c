"""Money never passes through a float: no literal, no cast, no true division, no rounding of Python's, in any room of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "licet"
ROOMS = ("portal/payments", "portal/billing", "testing/stripe", "ledger")
FILES = ("access/price.py", "access/spend.py", "release/reader/amount.py", "terms/plain.py", "portal/pages/words.py")
# Seconds and shares of time are no money: each with what the float is.
SECONDS, DECIMALS = "seconds to wait", "of Decimals: exact"
JUSTIFIED: dict[tuple[str, str], str] = {
    ("portal/payments/stripe_money.py", "/"): DECIMALS,
    ("testing/stripe/checkout.py", "/"): DECIMALS,
    ("testing/stripe/invoices.py", "/"): DECIMALS,
    ("portal/billing/meters.py", "float"): SECONDS,
    ("portal/billing/meters.py", "10.0"): SECONDS,
    ("testing/stripe/faults.py", "float"): SECONDS,
    ("testing/stripe/faults.py", "0.0"): SECONDS,
    ("testing/stripe/serve.py", "float"): SECONDS,
    ("testing/stripe/serve.py", "0.0"): SECONDS,
    ("testing/stripe/serve.py", "0.01"): SECONDS,
    ("ledger/checkpoint.py", "float"): SECONDS,
    ("ledger/checkpoint.py", "1.0"): SECONDS,
    ("ledger/checkpoint.py", "0.2"): SECONDS,
    ("ledger/checkpoint.py", "0.01"): SECONDS,
    ("ledger/schema.py", "float"): SECONDS,
    ("ledger/schema.py", "5.0"): SECONDS,
    ("ledger/sqlite.py", "float"): SECONDS,
    ("ledger/sqlite.py", "5.0"): SECONDS,
    ("ledger/sqlite.py", "0.001"): SECONDS,
    ("ledger/turn.py", "0.001"): SECONDS,
}


def money() -> list[Path]:
    rooms = [path for room in ROOMS for path in sorted((SRC / room).rglob("*.py")) if "migrations" not in path.parts]
    return rooms + [SRC / name for name in FILES if (SRC / name).exists()]


def floats(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what) of whatever makes or prints a float."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float()):
                yield node.lineno, repr(node.value)
            case ast.Name(id="float") if isinstance(node.ctx, ast.Load):
                yield node.lineno, "float"
            case ast.Call(func=ast.Name(id="round")):
                yield node.lineno, "round()"
            case ast.Attribute(attr="FloatField" | "fsum"):
                yield node.lineno, node.attr
            case ast.BinOp(op=ast.Div()) if not _path(node):
                yield node.lineno, "/"
            case ast.AugAssign(op=ast.Div()):
                yield node.lineno, "/="
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[*_, ast.Constant(value=str() as spec)])):
                if spec[-1:] in tuple("feg%"):
                    yield node.lineno, f":{spec}"


def _path(node: ast.BinOp) -> bool:
    """`folder / "name"`: a path, and no division."""
    return isinstance(node.right, ast.JoinedStr) or (
        isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
    )


@pytest.mark.parametrize("path", money(), ids=lambda path: path.relative_to(SRC).as_posix())
def test_no_float_comes_near_money(path: Path) -> None:
    name = path.relative_to(SRC).as_posix()
    found = [(line, what) for line, what in floats(ast.parse(path.read_text())) if (name, what) not in JUSTIFIED]
    assert found == []


def test_every_reason_is_still_needed() -> None:
    there = {(p.relative_to(SRC).as_posix(), what) for p in money() for _, what in floats(ast.parse(p.read_text()))}
    assert set(JUSTIFIED) <= there


@pytest.mark.parametrize(
    "code",
    ["x = 0.1", "float(x)", "x / 100", "x /= 2", "round(x)", "f'{x:.2f}'", "models.FloatField()", "sum(x) / len(x)"],
)
def test_the_rule_finds_what_it_is_for(code: str) -> None:
    assert list(floats(ast.parse(code)))


@pytest.mark.parametrize("code", ["x // 100", "divmod(x, 100)", "folder / 'name'", "f'{x:02d}'", "x * 2", "x: float"])
def test_the_rule_leaves_whole_numbers_and_paths_alone(code: str) -> None:
    assert not [what for _, what in floats(ast.parse(code)) if what != "float"]
