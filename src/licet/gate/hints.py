"""Does this input fit the feature? Its own type hints answer, before anything is held.

A worker reads the hints of a function once (`shape_of`) and hands them over as plain lists, so the gate can check an
input without importing the feature's module. Every problem is listed, with its path. A whole number is a number; true
is not; NaN and Infinity are refused.
"""

from __future__ import annotations

import inspect
import json
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from licet.errors import LicetError, closest

type Shape = list[Any]
"""["any"] ["null"] ["bool"] ["int"] ["float"] ["str"] ["list", item] ["dict", value] ["literal", values] ["or", shapes]
["record", {key: [shape, required]}]: what JSON can carry, and nothing else."""

MOST_PROBLEMS = 20  # enough to mend an input by; a list of a million wrong numbers is not told a million times


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: where (`data[3]`) and what, in the caller's words."""

    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a feature takes: the shape of each argument and whether it must be given; `open` ends with `**anything`."""

    shapes: Mapping[str, Shape]
    required: frozenset[str]
    open: bool = False

    @property
    def exact(self) -> bool:
        """Is every number of a fitting input looked at? Not where anything is taken."""
        return not self.open and '"any"' not in json.dumps(list(self.shapes.values()))

    def check(self, value: object) -> list[Problem]:
        """Every problem of one input, at most 20. Empty: it fits."""
        found: list[Problem] = []
        if not isinstance(value, dict):
            return [Problem("", f"must be an object of named arguments, not {_name(value)}")]
        found.extend(Problem(name, "is missing") for name in sorted(self.required.difference(value)))
        for name, given in value.items():
            if name in self.shapes:
                _check(self.shapes[name], given, name, found)
            elif not self.open:
                mend = closest(name, self.shapes)
                found.append(Problem(name, "is not an argument of this feature" + (f"; {mend}" if mend else "")))
        return found[:MOST_PROBLEMS]

    def schema(self) -> dict[str, Any]:
        """The same as a JSON Schema, for callers."""
        return {
            "type": "object",
            "properties": {name: _schema(shape) for name, shape in self.shapes.items()},
            "required": sorted(self.required),
            "additionalProperties": self.open,
        }

    def told(self) -> dict[str, Any]:
        """As plain data, for the way from worker to gate."""
        return {"shapes": dict(self.shapes), "required": sorted(self.required), "open": self.open}

    @staticmethod
    def heard(told: Mapping[str, Any]) -> Parameters:
        return Parameters(told["shapes"], frozenset(told["required"]), told["open"])


def parameters_of(function: Callable[..., object]) -> Parameters:
    """What the function takes, by its own hints. LicetError for a hint that JSON cannot fill."""
    shapes: dict[str, Shape] = {}
    required: set[str] = set()
    takes_any = False
    try:
        hints = typing.get_type_hints(function)
    except NameError as missing:
        raise LicetError(f"a type hint names `{missing.name}`, which its module does not import") from None
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_any = True
        elif parameter.kind is parameter.POSITIONAL_ONLY and parameter.default is parameter.empty:
            raise LicetError(f"argument `{name}` is positional only", mend="a call names its arguments: remove the `/`")
        elif parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            try:
                shapes[name] = shape_of(hints.get(name, Any))
            except LicetError as unfit:
                raise LicetError(f"argument `{name}`: {unfit.what}", mend=unfit.mend) from None
            if parameter.default is parameter.empty:
                required.add(name)
    return Parameters(shapes, frozenset(required), takes_any)


_PLAIN: Mapping[object, str] = {
    Any: "any",
    object: "any",
    None: "null",
    type(None): "null",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
}


def shape_of(hint: object) -> Shape:
    """The shape of a type hint. LicetError for one that JSON cannot fill."""
    try:
        if hint in _PLAIN:
            return [_PLAIN[hint]]
    except TypeError:  # an unhashable hint is none of the plain ones
        pass
    if isinstance(hint, typing.TypeAliasType):
        return shape_of(hint.__value__)
    if isinstance(hint, typing.NewType):
        return shape_of(hint.__supertype__)
    if typing.is_typeddict(hint):
        # Not `__required_keys__`: it misreads hints that are text (`from __future__ import annotations`).
        hints, total = typing.get_type_hints(hint, include_extras=True), getattr(hint, "__total__", True)
        return ["record", {k: [shape_of(h), _needed(h, total)] for k, h in hints.items()}]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return ["or", [shape_of(a) for a in args]]
    if origin is Literal:
        return ["literal", list(args)]
    if origin in (list, Sequence) or hint in (list, Sequence):
        return ["list", shape_of(args[0]) if args else ["any"]]
    if origin in (dict, Mapping) or hint in (dict, Mapping):
        if args and args[0] is not str:
            raise LicetError("the keys of a JSON object are text", mend="write `dict[str, …]`")
        return ["dict", shape_of(args[1]) if args else ["any"]]
    if origin in (typing.Annotated, typing.Required, typing.NotRequired):
        return shape_of(args[0])
    shown = getattr(hint, "__name__", None) or str(hint)
    raise LicetError(
        f"`{shown}` is no type that JSON can carry",
        mend="use bool, int, float, str, list, dict, Literal, None or a union",
    )


def _needed(hint: object, total: bool) -> bool:
    origin = get_origin(hint)
    return origin is typing.Required or (total and origin is not typing.NotRequired)


def _check(shape: Shape, value: object, path: str, found: list[Problem]) -> None:
    if len(found) >= MOST_PROBLEMS:
        return
    kind = shape[0]
    if kind == "any" or _is(kind, value):
        return
    if kind == "list" and isinstance(value, list):
        item = shape[1]
        if _all_plain(item[0], value):
            return
        for n, part in enumerate(value):
            _check(item, part, f"{path}[{n}]", found)
    elif kind == "dict" and isinstance(value, dict):
        for key, part in value.items():
            _check(shape[1], part, f"{path}.{key}" if path else key, found)
    elif kind == "record" and isinstance(value, dict):
        _check_record(shape[1], value, path, found)
    elif kind == "literal":
        if not any(type(value) is type(one) and value == one for one in shape[1]):
            found.append(Problem(path, f"must be {_told(shape)}, not {_shown(value)}"))
    elif kind == "or":
        _check_any_of(shape[1], value, path, found)
    elif kind == "float" and isinstance(value, float):
        found.append(Problem(path, "must be a finite number"))
    else:
        found.append(Problem(path, f"must be {_told(shape)}, not {_name(value)}"))


def _check_record(keys: Mapping[str, Sequence[Any]], value: dict[str, object], path: str, found: list[Problem]) -> None:
    for key, (shape, required) in keys.items():
        if key in value:
            _check(shape, value[key], f"{path}.{key}", found)
        elif required:
            found.append(Problem(f"{path}.{key}", "is missing"))
    found.extend(Problem(f"{path}.{key}", "is not known here") for key in value if key not in keys)


def _check_any_of(shapes: Sequence[Shape], value: object, path: str, found: list[Problem]) -> None:
    """Of alternatives that all fail, the problems of the nearest are told: the one whose outer type fits."""
    nearest: list[Problem] | None = None
    for shape in shapes:
        tried: list[Problem] = []
        _check(shape, value, path, tried)
        if not tried:
            return
        if tried[0].path != path and nearest is None:
            nearest = tried
    endless = isinstance(value, float) and any(
        shape[0] == "float" for shape in shapes
    )  # 1e999 is a number to whoever wrote it
    if endless and nearest is None:
        nearest = [Problem(path, "must be a finite number")]
    found.extend(nearest or [Problem(path, f"must be {_told(['or', list(shapes)])}, not {_name(value)}")])


def _is(kind: str, value: object) -> bool:
    """Is it a plain value of this kind?"""
    t = type(value)
    if kind == "float":
        return t is int or (t is float and math.isfinite(value))  # type: ignore[arg-type]
    return (
        (kind == "int" and t is int)
        or (kind == "str" and t is str)
        or (kind == "bool" and t is bool)
        or (kind == "null" and value is None)
    )


def _all_plain(kind: str, values: list[object]) -> bool:
    """The quick way for long lists of numbers or texts: one pass in C says that there is nothing to tell."""
    seen = set(map(type, values))
    if kind == "float":
        return seen <= {int} or (seen <= {int, float} and all(map(math.isfinite, values)))  # type: ignore[arg-type]
    return (kind == "int" and seen <= {int}) or (kind == "str" and seen <= {str}) or (kind == "bool" and seen <= {bool})


_WORDS = {
    "null": "null",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "list": "a list",
    "dict": "an object",
    "record": "an object",
}


def _told(shape: Shape) -> str:
    match shape[0]:
        case "or":
            return " or ".join(dict.fromkeys(_told(s) for s in shape[1]))
        case "literal":
            return " or ".join(_shown(v) for v in shape[1])
        case kind:
            return _WORDS.get(kind, "anything")


def _name(value: object) -> str:
    return "null" if value is None else _WORDS[type(value).__name__]


def _shown(value: object) -> str:
    """The caller's own value, short enough for one line."""
    if isinstance(value, (dict, list)):
        return _name(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


_SCHEMAS = {"null": "null", "bool": "boolean", "int": "integer", "float": "number", "str": "string"}


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case ["any"]:
            return {}
        case ["list", item]:
            return {"type": "array", "items": _schema(item)}
        case ["dict", value]:
            return {"type": "object", "additionalProperties": _schema(value)}
        case ["literal", values]:
            return {"enum": values}
        case ["or", shapes]:
            return {"anyOf": [_schema(one) for one in shapes]}
        case ["record", keys]:
            inner = Parameters(
                {k: one for k, (one, _) in keys.items()}, frozenset(k for k, (_, n) in keys.items() if n)
            )
            return inner.schema()
        case [kind, *_]:
            return {"type": _SCHEMAS[kind]}
    raise ValueError(shape)
