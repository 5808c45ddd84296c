"""What may callers of a tier ask a model for, in words? One sentence a model, from what the gate holds requests against."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licet.portal.pages.words import figure
from licet.release.limits import Limits


def in_words(limits: Limits) -> str:
    """`chat: answers of 512 tokens, temperature 0 to 1, no tools`."""
    return f"{limits.feature}: " + ", ".join(_parts(limits))


def _parts(limits: Limits) -> Iterator[str]:
    if (n := limits.max_tokens) is not None:
        yield ngettext("answers of %(n)s token", "answers of %(n)s tokens", n) % {"n": figure(n)}
    if (n := limits.prompt_tokens) is not None:
        yield ngettext("prompts of %(n)s token", "prompts of %(n)s tokens", n) % {"n": figure(n)}
    if (n := limits.answers) is not None:
        yield ngettext("%(n)s answer a request", "%(n)s answers a request", n) % {"n": figure(n)}
    for name, (low, high) in limits.ranges.items():
        yield _("%(name)s %(low)s to %(high)s") % {"name": name, "low": f"{low:g}", "high": f"{high:g}"}
    if limits.tools is not None:
        tools = ", ".join(sorted(limits.tools))
        yield _("only these tools: %(tools)s") % {"tools": tools} if tools else _("no tools")
    if limits.modalities is not None:
        yield _("only %(kinds)s") % {"kinds": " + ".join(sorted(limits.modalities))}
    if limits.aliases:
        yield _("also called %(names)s") % {"names": ", ".join(limits.aliases)}
