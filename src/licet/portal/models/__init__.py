"""What does the portal keep? Everything owned points to a `Holder`; everything of one release carries `release`."""

from licet.portal.models.account import Account
from licet.portal.models.document import Document, LicenseText
from licet.portal.models.event import Event
from licet.portal.models.holder import Holder
from licet.portal.models.key import Key
from licet.portal.models.link import OperatorLink
from licet.portal.models.readmodel import ChangeRow, CredentialRow, StandingRow
from licet.portal.models.right import Acceptance, GrantRow, Held, Request

__all__ = [
    "Acceptance",
    "Account",
    "ChangeRow",
    "CredentialRow",
    "Document",
    "Event",
    "GrantRow",
    "Held",
    "Holder",
    "Key",
    "LicenseText",
    "OperatorLink",
    "Request",
    "StandingRow",
]
