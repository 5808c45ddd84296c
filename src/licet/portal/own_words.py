"""Which words does everybody guess first at this server? Its own: the host's name, its releases', whose they are.

A password may have them in it, beside enough else; one that is made of them is refused (NIST SP 800-63B, "context-specific").
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from licet.portal import documents
from licet.portal.config import current
from licet.portal.models.account import fold

ENOUGH, SHORTEST = 8, 3  # signs beside the words; a word of two letters is in everything


def words() -> tuple[str, ...]:
    """The longest first: `example-lab` before `lab`."""
    found = {"licet", "password", *re.split(r"[\W_]+", fold(current().host))}
    for name in documents.releases():
        at = documents.in_force(name)
        for text in (at.name, at.licensor, at.repository or ""):
            found |= {fold(text), re.sub(r"[\W_]+", "", fold(text)), *re.split(r"[\W_]+", fold(text))}
    return tuple(sorted((one for one in found if len(one) >= SHORTEST), key=lambda one: (-len(one), one)))


class OwnWords:
    """Django's shape of a check on passwords."""

    def validate(self, password: str, user: object = None) -> None:
        rest = fold(password)
        for word in words():
            rest = rest.replace(word, "")
        if len(rest) < min(ENOUGH, len(fold(password))):
            raise ValidationError(
                _("Your password is made of this server's own words: add others to it."), code="password_of_own_words"
            )

    def get_help_text(self) -> str:
        return _("Your password must not be made of this server's own words alone, like its name.")
