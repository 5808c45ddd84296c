"""Which papers go out with the files? Texts of the licenses, NOTICE, README section, headers, and the machine's shapes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from licet.errors import Finding, Level
from licet.release.bundle_owner import Owners, opened
from licet.release.bundle_reuse import HEAD, Header, header, needs_sidecar, sidecar
from licet.release.bundle_split import Copy
from licet.release.bundle_texts import Provider, gather, source, texts_of, wanted
from licet.release.bundle_tree import Entry
from licet.release.check.kinds import is_license
from licet.release.publish import checksums, model_card, odrl, spdx, terms
from licet.release.publish.contributing import contributing
from licet.release.publish.cyclonedx import NAME as CYCLONEDX
from licet.release.publish.cyclonedx import cyclonedx
from licet.release.publish.notice_file import notice_file
from licet.release.publish.section import with_section
from licet.release.publish.told import joined
from licet.release.reader.spelling import harmless
from licet.release.release import Component, Release

type Read = Callable[[str, int], bytes]

_PAPER: Final = 4 << 20  # more of a README or NOTICE is not read
_OF_PAPERS: Final = ("docs", "code")  # whose license the papers go out under: the first that the release has


@dataclass(slots=True)
class Papers:
    items: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def papers(release: Release, now_s: int, out: Mapping[str, Copy], read: Read, provider: Provider) -> Papers:
    """Every paper by its path in `open/`. `out` are the files that go out, `read` the first bytes of one of them."""
    made = Papers()
    components = opened(release, now_s)
    if not components:
        says = "nothing of this release may go out"
        made.findings.append(
            Finding(
                release.path, release.line, "nothing-open", says, "give a component a `license`, or wait for its date"
            )
        )
        return made
    owners = Owners(release.components)
    headers = {path: header(read(copy.source, HEAD)) for path, copy in out.items() if copy.print.size}
    uses = wanted(components, now_s, (h.license for h in headers.values() if h.license))
    texts, missing = gather(uses, out, lambda p: read(out[p].source, _PAPER), release, now_s, provider)
    made.findings += missing
    made.items.update({f"LICENSES/{id}.txt": text for id, text in texts.items()})
    made.items.update(_license_files(components, now_s, texts, out))

    def own(name: str) -> str:
        return read(out[name].source, out[name].print.size).decode("utf-8", "surrogateescape") if name in out else ""

    def put(name: str, text: str) -> None:
        made.items[name] = text.encode("utf-8", "surrogateescape")

    readme = with_section(own("README.md"), release, now_s)
    put("README.md", model_card.with_front_matter(readme, release, now_s))
    put("NOTICE", notice_file(release, now_s, own("NOTICE")))
    if told := contributing(release, now_s, own("CONTRIBUTING.md")):
        put("CONTRIBUTING.md", told)
    put(terms.NAME, terms.terms_json(release))
    put(odrl.NAME, odrl.odrl(release, now_s))
    put(spdx.NAME, spdx.spdx(release, now_s))
    put(CYCLONEDX, cyclonedx(release, now_s))
    made.items[checksums.NAME] = b"-"  # its place is taken: it goes out under a license like the rest
    made.items.update(dict(_sidecars(release, components, now_s, out, made.items, headers, owners)))
    digests = {path: copy.print.sha256 for path, copy in out.items() if path not in made.items}
    digests |= {path: hashlib.sha256(body).hexdigest() for path, body in made.items.items()}
    made.items[checksums.NAME] = checksums.checksums({p: d for p, d in digests.items() if p != checksums.NAME})
    made.findings += _in_the_way(made.items, out)
    return made


def _in_the_way(papers: Mapping[str, bytes], out: Mapping[str, Copy]) -> Iterator[Finding]:
    """A paper cannot stand where a folder of the release does, nor below one of its files."""
    folders = {str(parent) for path in out for parent in PurePosixPath(path).parents}
    for path in papers:
        blocked = path if path in folders else next((str(p) for p in PurePosixPath(path).parents if str(p) in out), "")
        if blocked:
            says = f"the paper `{harmless(path)}` has no place: the release has something else there"
            yield Finding(harmless(blocked), 0, "name-taken", says, "rename it")


def _license_files(
    components: Sequence[Component], now_s: int, texts: Mapping[str, bytes], out: Mapping[str, Copy]
) -> Iterator[tuple[str, bytes]]:
    """LICENSE in the folder of each component, and at the top: the text itself, or which texts stand where."""
    folders: dict[str, list[Component]] = {"": list(components)}
    for component in components:
        here = PurePosixPath(component.path)
        if component.path and component.path.endswith("/") and any(PurePosixPath(p).is_relative_to(here) for p in out):
            folders.setdefault(str(here) if str(here) != "." else "", []).append(component)
    for folder, inside in folders.items():
        if any(p.rpartition("/")[0] == folder and is_license(p) for p in out):
            continue  # the folder has its own, and `licet check` holds it to the rest
        expressions = list(dict.fromkeys(c.license_at(now_s) or "" for c in inside))
        ids = list(dict.fromkeys(id for expression in expressions for id in texts_of(expression)))
        name = f"{folder}/LICENSE" if folder else "LICENSE"
        if len(ids) == 1 and ids[0] in texts:
            yield name, texts[ids[0]]
        elif not folder or all(
            id in texts for id in ids
        ):  # a LICENSE without its text would only hide that it is missing
            yield name, _which(inside, now_s, texts, "../" * (folder.count("/") + 1) if folder else "").encode()


def _which(components: Sequence[Component], now_s: int, texts: Mapping[str, bytes], up: str) -> str:
    rows = []
    for component in components:
        license = component.license_at(now_s) or ""
        where = f" ({component.path})" if component.path else ""
        rows.append(f"{component.name}{where} is under {license}.")
        rows += [f"    {up}LICENSES/{id}.txt" if id in texts else f"    {source(id)}" for id in texts_of(license)]
    return "\n".join(rows) + "\n"


def _sidecars(
    release: Release,
    components: Sequence[Component],
    now_s: int,
    out: Mapping[str, Copy],
    made: Mapping[str, bytes],
    headers: Mapping[str, Header],
    owners: Owners,
) -> Iterator[tuple[str, bytes]]:
    first = next((c for kind in _OF_PAPERS for c in components if c.kind == kind), components[0])
    present = {**out, **made}
    for path, copy in out.items():
        told = headers.get(path, Header())
        if path in made or told.whole or not needs_sidecar(path, copy.print.size, present):
            continue
        owner = owners.of(path)
        whose = owner or first
        license = told.license or joined(whose, whose.license_at(now_s) or "")
        yield f"{path}.license", sidecar(release.licensor, license, owner)
    for path, body in made.items():
        if needs_sidecar(path, len(body), present):
            yield f"{path}.license", sidecar(release.licensor, first.license_at(now_s) or "")


# --- what stands against a component ----------------------------------------------------------------------------------------


def of_components(release: Release, folder: Path, entries: Sequence[Entry], now_s: int) -> Iterator[Finding]:
    """Paths that lead nowhere or elsewhere, and upstreams that let nothing be handed on."""
    going = opened(release, now_s)
    held = {entry.owner.name for entry in entries if entry.owner}
    for component in release.components:
        if says := _path_wrong(component, folder, held):
            mend = "correct the `path`, from the folder of licet.toml"
            # Misspelt inside of what goes out, the path of what stays in would let it out.
            astray = component not in going and Owners(going).of(component.path) is not None
            level: Level = "error" if astray or "link" in says else "warning"
            yield Finding(release.path, component.line, "path", says, mend, level)
        if component in going:
            yield from _upstreams(release, component)


def _path_wrong(component: Component, folder: Path, held: set[str]) -> str:
    if not component.path or component.store:  # what lies in a store cannot be looked for here
        return ""
    place = folder / component.path
    what = f"the path `{component.path}` of component `{component.name}`"
    if place.exists() and place.resolve() != folder.resolve() / PurePosixPath(component.path):
        return f"{what} is or goes through a link"
    return "" if component.name in held else f"{what} has no file"


def _upstreams(release: Release, component: Component) -> Iterator[Finding]:
    from licet.licenses.ask import may_license
    from licet.terms import Answer

    for upstream in component.upstream:
        verdict = may_license("distribute", upstream.license, facts={"modified": True, "commercial": False})
        if verdict.answer is Answer.NO:
            cite = verdict.because[0].cite
            says = f"`{component.name}` is made from {upstream.name}, which does not let it be handed on ({cite})"
            mend = "keep it in (`proprietary = true`), or ask upstream for more"
            yield Finding(release.path, upstream.line, "upstream-forbids", says, mend)
