"""What is stored of signing in through organizations, for what, and how long? Lines for `/privacy` (`licet.portal.stored`)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import ID, MADE, UNTIL_ERASED, WHOSE, Table

UNTIL_DELETED = _later("until the organization is deleted")
ORGANIZATION = _later("which organization")

TABLES: Mapping[str, Table] = {
    "sso.Rule": Table(_later("Rules of signing in"), _later("What an organization asks of its members."), UNTIL_DELETED, {
        "organization_id": ORGANIZATION, "sso": _later("whether members sign in through its server"),
        "factor": _later("which second factor it asks for"),
        "days": _later("how long a sign-in counts for keys"), "changed_s": _later("when it was changed"),
    }),
    "sso.Connection": Table(
        _later("Sign-in servers"), _later("Where the people of an organization sign in."), UNTIL_DELETED, {
            "id": ID, "organization_id": ORGANIZATION, "issuer": _later("the server"),
            "client_id": _later("our name there"), "secret": _later("our secret there, sealed"),
            "groups_claim": _later("where it tells groups"), "role_id": _later("the role that everybody gets"),
            "made_s": MADE, "removed_s": _later("when it was taken out"),
        }),
    "sso.GroupRole": Table(_later("Groups"), _later("Which role a group of that server gives."), UNTIL_DELETED, {
        "id": ID, "connection_id": _later("of which server"), "group": _later("the group's name"),
        "role_id": _later("which role"),
    }),
    "sso.Domain": Table(_later("Domains"), _later("Whose mail addresses an organization speaks for."), UNTIL_DELETED, {
        "id": ID, "organization_id": ORGANIZATION, "name": _later("the domain"),
        "digest": _later("the SHA-256 of the link's word"), "expires_s": _later("when the link ends"), "made_s": MADE,
        "verified_s": _later("when it was confirmed"), "verified_how": _later("by a TXT record, by mail, or by the operator"),
    }),
    "sso.Identity": Table(
        _later("Sign-ins through organizations"), _later("To know you again when you come from there."), UNTIL_ERASED, {
            "id": ID, "connection_id": _later("from which server"), "person_id": WHOSE,
            "subject": _later("your id at that server"), "made_s": MADE, "last_s": _later("the last sign-in from there"),
        }),
}  # fmt: skip
