"""Is this a request that Stripe knows? The SDK's own `stripe.params` types say: an unknown name or a wrong type is refused.

The SDK types its parameters as TypedDicts. Pydantic reads them with unknown keys forbidden, so a field that Stripe does
not have cannot slip into our adapter unnoticed. Enumerations stay open, because the SDK types them `Literal | str`.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from typing import Any, cast

from licet.errors import LicetError
from licet.testing.stripe.wrong import Wrong

try:
    import pydantic
    import typing_extensions
    from pydantic_core import core_schema
    from stripe import _request_options as options
    from stripe import _stripe_object as objects
except ImportError as missing:
    raise LicetError(f"the Stripe-shaped server needs `{missing.name}`", mend="pip install 'licet[testing]'") from None


def _any_hash(_: Any, __: Any, ___: Any) -> Any:
    return core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())


options.StripeContext = str  # type: ignore[assignment,attr-defined]  # the SDK imports the name for type checkers only
objects.UntypedStripeObject.__get_pydantic_core_schema__ = classmethod(_any_hash)  # type: ignore[attr-defined]


@cache
def _adapter(where: str) -> pydantic.TypeAdapter[Any]:
    """`checkout.SessionCreateParams` read by pydantic; about 0.1 s the first time."""
    package, _, name = where.rpartition(".")
    wanted = getattr(import_module(f"stripe.params.{package}" if package else "stripe.params"), name)
    module = sys.modules[wanted.__module__]
    for value in vars(module).values():
        if typing_extensions.is_typeddict(value):
            cast(Any, value).__pydantic_config__ = {"extra": "forbid"}
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(wanted)
    adapter.rebuild(raise_errors=True, _types_namespace={**vars(options), **vars(module)})
    return adapter


def check(where: str, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters as typed values. `Wrong` names the first that Stripe does not have or cannot read."""
    try:
        return cast("dict[str, Any]", _plain(_adapter(where).validate_python(given)))
    except pydantic.ValidationError as errors:
        first = errors.errors(include_url=False, include_input=False)[0]
        path = [str(part) for part in first["loc"] if str(part) in _words(given)]
        param = path[0] + "".join(f"[{part}]" for part in path[1:]) if path else str(first["loc"][0])
        unknown = first["type"] == "extra_forbidden"
        said = f"Received unknown parameter: {param}" if unknown else f"Invalid {param}: {first['msg']}"
        raise Wrong(said, code="parameter_unknown" if unknown else "parameter_invalid", param=param) from None


def _words(value: Any) -> set[str]:
    """Every key of what was given: pydantic's path names its own branches of a union beside them."""
    if isinstance(value, dict):
        return {str(k) for k in value} | {w for child in value.values() for w in _words(child)}
    if isinstance(value, list):
        return {str(at) for at in range(len(value))} | {w for child in value for w in _words(child)}
    return set()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
