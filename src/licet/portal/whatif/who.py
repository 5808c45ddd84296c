"""Whom does a word name? A holder by address, id or organization, a mail domain, a key by its id."""

from __future__ import annotations

from licet.errors import LicetError
from licet.portal import accounts
from licet.portal.models import Holder
from licet.portal.organizations.models import Organization


def holder(word: str) -> Holder:
    """Of an address, a `hol_…` id, or an organization's name. LicetError for nobody, and for a name of two."""
    word = word.strip()
    if "@" in word or word.startswith("hol_"):
        return accounts.find(word)
    found = list(Organization.objects.filter(name__iexact=word, holder__deleted_s=None).select_related("holder")[:2])
    if len(found) > 1:
        mend = "name the hol_… id that `licet organization list` shows"
        raise LicetError(f"two organizations are called `{word}`", mend=mend)
    if not found:
        mend = f"for a mail domain write @{word}" if "." in word else "name an address, a hol_… id or an organization"
        raise LicetError(f"there is no account and no organization `{word}`", mend=mend)
    return found[0].holder


def whose(word: str) -> Holder | str:
    """The same, or a mail domain where the word is an @ and a domain."""
    return word.strip()[1:] if word.strip().startswith("@") else holder(word)
