"""What is stored of certificates, for what, and how long? Lines for `/privacy` (`licet.portal.stored`)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import DOCUMENT, ID, LASTING, RELEASE, WHO, WHOSE, Table

TABLES: Mapping[str, Table] = {
    "certificates.CertificateRow": Table(
        _later("Certificates"), _later("The licensor's promises to a holder, as they were signed."), LASTING, {
            "id": ID, "holder_id": WHOSE, "issuer": _later("this server's address"), "release": RELEASE,
            "version": _later("of which version"), "document": DOCUMENT,
            "component": _later("for which component"), "license": _later("the license"),
            "text_sha256": _later("the SHA-256 of its text"), "basis": _later("what it was issued for"),
            "source": _later("the payment that it rests on, by its id at the provider"), "from_s": _later("from when"),
            "until_s": _later("until when"), "issued_s": _later("when it was signed"), "by": WHO,
            "kid": _later("which key signed it"),
            "statement": _later("what was signed, with the name of its holder; removed with the account"),
            "signature": _later("the signature; removed with the account"),
            "revoked_s": _later("when it was taken back"),
            "revoked_why": _later("why, in words; removed with the account"),
        }),
    "certificates.SigningKey": Table(_later("Signing keys"), _later("Public keys of this server.")),
}  # fmt: skip
