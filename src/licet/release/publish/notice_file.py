"""What stands in NOTICE? Who gives what under which license, what it was made from, and what is owed for it."""

from __future__ import annotations

from collections.abc import Iterator

from licet.release.publish.told import becomes, licenses_of, open_components, owed, shown_names
from licet.release.release import Release

_MARK = "-- "  # begins our part, behind a NOTICE that the release has of its own


def notice_file(release: Release, now_s: int, own: str = "") -> str:
    """The text of NOTICE. `own` is what the release's folder has already: it is kept word for word, ours follows."""
    title = f"{_MARK}{release.name} {release.version}, from {release.licensor}"
    kept = own.partition(_MARK + release.name)[0].rstrip()
    return "\n".join([*([kept, ""] if kept else []), title, *_rows(release, now_s)]) + "\n"


def _rows(release: Release, now_s: int) -> Iterator[str]:
    for component, license in open_components(release, now_s):
        where = f" ({component.path})" if component.path else ""
        yield from ("", f"{component.name}{where}: {license}")
        if later := becomes(component, now_s):
            yield f"  {later}"
        for upstream in component.upstream:
            yield f"  Made from {upstream.name}, which is under {upstream.license}; its terms hold here too."
        for name in dict.fromkeys(n for of in licenses_of(component, license) for n in shown_names(of)):
            yield f"  {name}"
        duties = [o for of in licenses_of(component, license) for o in owed(of)]
        if duties:
            yield "  Whoever hands it on owes:"
        yield from (f"  - {o.duty} ({o.cite})" for o in duties)
    if release.contact:
        yield from ("", f"Questions about licenses: {release.contact}")
