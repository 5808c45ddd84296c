"""How is what the release serves called and fetched? A few ready lines for each kind of feature that it has."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from licet.portal.pages.tiers import Table
from licet.release.release import Feature, Release


@dataclass(frozen=True, slots=True)
class Fetched:
    """A component that can be downloaded: by which feature, under which license, whether that is accepted first."""

    component: str
    feature: str
    license: str
    accept: bool
    anonymous: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One call to be copied. `body` is JSON that the feature takes; "" where only `/v1/features` knows what that is."""

    feature: str
    body: str
    chat: bool

    @property
    def quoted(self) -> str:
        """The body as one word of a shell."""
        return shlex.quote(self.body)


@dataclass(frozen=True, slots=True)
class Calls:
    """`http` is an example, None where there is none; `chat` names a feature, "" likewise; `fetched` can be downloaded."""

    http: Example | None
    chat: str
    fetched: tuple[Fetched, ...]
    repository: str


def of(release: Release, levels: Table) -> Calls:
    """Only what somebody may call is shown: an example that is refused for everybody helps nobody."""
    called = {row.label for row in levels.features if any(cell.answer in ("yes", "depends") for cell in row.cells)}

    shown = [feature for feature in release.features if feature.name in called]
    return Calls(
        http=next((example(feature) for feature in shown if feature.call or feature.http), None),
        chat=next((feature.name for feature in shown if feature.openai), ""),
        fetched=tuple(one for f in release.features if f.download and (one := _fetched(release, f))),
        repository=release.repository,
    )


def example(feature: Feature) -> Example:
    """How this feature is called. It is none that is downloaded."""
    if feature.openai:
        body = json.dumps({"model": feature.name, "messages": [{"role": "user", "content": "Hello"}]})
        return Example(feature.name, body, chat=True)
    return Example(feature.name, feature.example, chat=False)


def _fetched(release: Release, feature: Feature) -> Fetched | None:
    component = release.component(feature.download)
    if component is None or component.license is None:
        return None
    open_ = release.anonymous is not None and feature.name in release.anonymous.features
    return Fetched(component.name, feature.name, component.license, component.accept, open_)
