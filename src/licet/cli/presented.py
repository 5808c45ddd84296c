"""What does the certificate that somebody presents open, for `licet may`? Checked first; what does not hold opens nothing."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licet.certificate import Checked, check, policy
from licet.cli.folder import data_folder
from licet.cli.verify import keys_of, read, revocations_of, told_of

if TYPE_CHECKING:
    from licet.release.release import Release
    from licet.terms import Policy


@dataclass(frozen=True, slots=True)
class Presented:
    """`policies` are joined by AnyOf to the license of `component`, the one that is asked about where none was named."""

    policies: tuple[Policy, ...]
    component: str | None
    checked: Checked

    def as_json(self) -> dict[str, Any]:
        return told_of(self.checked)

    def line(self) -> str:
        """One line for people, beside the answer."""
        if self.checked.holds:
            return self.checked.detail
        return f"It opens nothing. {self.checked.detail}"


def presented(args: argparse.Namespace, release: Release, now_s: int) -> Presented:
    """The certificate that `--certificate` names. LicetError where its keys or a list of revocations cannot be read."""
    keys = keys_of(args.certificate_key, _data(args), "--certificate-key")
    listed = revocations_of(args.revocations, keys)
    checked = check(
        read(Path(args.certificate)), keys, now_s=now_s, revocations=listed, release=release.name,
        version=release.version, component=args.component,
    )  # fmt: skip
    certificate = checked.certificate
    own = certificate.component if certificate and release.component(certificate.component) else None
    policies = (policy(certificate),) if checked.holds and certificate else ()
    return Presented(policies, args.component or own, checked)


def _data(args: argparse.Namespace) -> Path:
    """The data folder of the release that is asked about: beside it, where it was served from there."""
    if args.release is not None:
        folder: Path = args.release.parent if args.release.is_file() else args.release
        if (folder / ".licet").is_dir():
            return folder / ".licet"
    args.data = getattr(args, "data", None)
    return data_folder(args, must_exist=False)
