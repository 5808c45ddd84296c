"""How is what the release serves called and fetched? A few ready lines for each kind of feature that it has."""

from __future__ import annotations

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
class Calls:
    """`http` and `chat` name a feature for the example, "" where there is none; `fetched` is what can be downloaded."""

    http: str
    chat: str
    fetched: tuple[Fetched, ...]
    repository: str


def of(release: Release, levels: Table) -> Calls:
    """Only what somebody may call is shown: an example that is refused for everybody helps nobody."""
    called = {row.label for row in levels.features if any(cell.answer in ("yes", "depends") for cell in row.cells)}

    def first(*kinds: str) -> str:
        return next((f.name for f in release.features if f.name in called and any(getattr(f, k) for k in kinds)), "")

    return Calls(
        http=first("call", "http"),
        chat=first("openai"),
        fetched=tuple(one for f in release.features if f.download and (one := _fetched(release, f))),
        repository=release.repository,
    )


def _fetched(release: Release, feature: Feature) -> Fetched | None:
    component = release.component(feature.download)
    if component is None or component.license is None:
        return None
    open_ = release.anonymous is not None and feature.name in release.anonymous.features
    return Fetched(component.name, feature.name, component.license, component.accept, open_)
