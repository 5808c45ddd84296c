"""What did a licensor promise to whom, and is it still what was signed? Certificates, receipts and revocation lists.

Values, canonical bytes and signatures; no clock, no dice, no database, no network. `portal/certificates` issues, `licet
verify`, `licet may --certificate` and `licet.client` check, all with what stands here. docs/certificates.md is the format.
"""

from licet.certificate.certificate import Certificate, Holder, License
from licet.certificate.check import Checked, Code, check
from licet.certificate.keys import Key, Keys, read_keys
from licet.certificate.policy import policy
from licet.certificate.revocations import Revocations, read_revocations
from licet.certificate.seal import Broken, Kind, Opened, opened, sealed

__all__ = [
    "Broken",
    "Certificate",
    "Checked",
    "Code",
    "Holder",
    "Key",
    "Keys",
    "Kind",
    "License",
    "Opened",
    "Revocations",
    "check",
    "opened",
    "policy",
    "read_keys",
    "read_revocations",
    "sealed",
]
