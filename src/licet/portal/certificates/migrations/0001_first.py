"""Signing keys, and certificates as they were signed."""

from __future__ import annotations

import functools

import django.db.models.deletion
from django.db import migrations, models

import licet.portal.clock


class Migration(migrations.Migration):
    initial = True
    dependencies = [("portal", "0005_evidence")]
    operations = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("kid", models.CharField(max_length=43, primary_key=True, serialize=False, verbose_name="id")),
                ("public", models.BinaryField(max_length=32)),
                ("made_s", models.BigIntegerField(default=licet.portal.clock.now_s, verbose_name="made")),
                ("retired_s", models.BigIntegerField(blank=True, null=True, verbose_name="retired")),
                ("compromised_s", models.BigIntegerField(blank=True, null=True, verbose_name="compromised")),
            ],
            options={"verbose_name": "signing key"},
        ),
        migrations.CreateModel(
            name="CertificateRow",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(licet.portal.clock.new_id, "cert"), editable=False, max_length=40,
                        primary_key=True, serialize=False,
                    ),
                ),
                ("issuer", models.CharField(max_length=300, verbose_name="this server's address")),
                ("release", models.CharField(max_length=64)),
                ("version", models.CharField(max_length=64)),
                ("document", models.CharField(max_length=64)),
                ("component", models.CharField(max_length=64)),
                ("license", models.CharField(max_length=1000)),
                (
                    "text_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the license's text"),
                ),
                ("basis", models.CharField(max_length=100, verbose_name="issued for")),
                ("source", models.CharField(db_index=True, max_length=200)),
                ("from_s", models.BigIntegerField(verbose_name="from")),
                ("until_s", models.BigIntegerField(blank=True, null=True, verbose_name="until")),
                ("issued_s", models.BigIntegerField(default=licet.portal.clock.now_s, verbose_name="issued")),
                ("by", models.CharField(max_length=60)),
                ("kid", models.CharField(max_length=43, verbose_name="signed by the key")),
                ("statement", models.TextField(blank=True)),
                ("signature", models.TextField(blank=True)),
                (
                    "revoked_s",
                    models.BigIntegerField(blank=True, db_index=True, null=True, verbose_name="taken back"),
                ),
                ("revoked_why", models.CharField(blank=True, max_length=500, verbose_name="why")),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificates", to="portal.holder",
                    ),
                ),
            ],
            options={
                "verbose_name": "certificate",
                "db_table": "certificates_certificate",
                "indexes": [models.Index(fields=["holder", "release"], name="certificates_of_a_holder")],
            },
        ),
    ]  # fmt: skip
