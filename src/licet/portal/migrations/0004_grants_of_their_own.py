"""Grants for a mail domain, with a quota of their own, by a program; and the domain of each standing's holder."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from licet.access.grant import domain_of


def name_the_domains(apps: Any, schema_editor: Any) -> None:
    """Of the addresses that were confirmed; as `readmodel` writes it from now on."""
    confirmed = apps.get_model("account", "EmailAddress").objects.filter(verified=True, primary=True)
    holders = dict(apps.get_model("portal", "Holder").objects.values_list("account_id", "id"))
    rows = apps.get_model("portal", "StandingRow").objects
    for account_id, address in confirmed.values_list("user_id", "email").iterator():
        if (domain := domain_of(address)) and account_id in holders:
            rows.filter(holder_id=holders[account_id]).update(domain=domain)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0003_bounds_of_keys"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [
        migrations.AlterField(
            "grantrow",
            "holder",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="grants",
                to="portal.holder",
            ),
        ),
        migrations.AddField("grantrow", "domain", models.CharField("mail domain", blank=True, default="", max_length=253),
                            preserve_default=False),
        migrations.AddField("grantrow", "quotas", models.JSONField(blank=True, default=list)),
        migrations.AddField("grantrow", "program", models.CharField(blank=True, default="", max_length=64),
                            preserve_default=False),
        migrations.AddField(
            "grantrow", "reminded_s", models.BigIntegerField("reminded of its end", blank=True, null=True)
        ),
        migrations.AddConstraint(
            "grantrow",
            models.CheckConstraint(
                condition=(Q(holder__isnull=False) & Q(domain="")) | (Q(holder__isnull=True) & ~Q(domain="")),
                name="a_holder_or_a_domain",
            ),
        ),
        migrations.AddIndex("grantrow", models.Index(
            condition=Q(revoked_s=None), fields=["domain", "release"], name="grant_of_domain")),
        migrations.AddIndex("grantrow", models.Index(fields=["-made_s"], name="grant_newest")),
        migrations.AddIndex("grantrow", models.Index(
            condition=Q(revoked_s=None, reminded_s=None), fields=["until_s"], name="grant_ending")),
        migrations.AddField("standingrow", "domain", models.CharField(blank=True, default="", max_length=253)),
        migrations.RunPython(name_the_domains, migrations.RunPython.noop),
    ]  # fmt: skip
