"""Events become a chain. Rows of before are taken in as they stand: what happened to them earlier nobody can tell."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import migrations, models

from licet.portal import chain


def forward(apps: Any, schema_editor: Any) -> None:
    event = apps.get_model("portal", "Event")
    deleted = set(event.objects.filter(what="account.deleted").values_list("holder_id", flat=True))
    before = chain.FIRST
    for row in event.objects.order_by("id").iterator():
        row.detail, row.said = chain.split(row.detail)
        if row.holder_id in deleted:  # its address was erased already, and so are its owner's words now
            row.said = {}
        row.salts, row.sealed = chain.seals(row.address, row.said, secrets.token_bytes)
        told = chain.Row(
            row.pk, row.at_s, row.what, row.by, row.holder_id, row.release, row.detail, row.address, row.said,
            row.salts, row.sealed, "",
        )  # fmt: skip
        row.digest = before = chain.link(told, before)
        row.save(update_fields=["detail", "said", "salts", "sealed", "digest"])


def backward(apps: Any, schema_editor: Any) -> None:
    for row in apps.get_model("portal", "Event").objects.iterator():
        row.detail = {**row.detail, **row.said}
        row.save(update_fields=["detail"])


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_first")]
    operations = [
        migrations.AddField("event", "said", models.JSONField(default=dict, editable=False)),
        migrations.AddField("event", "salts", models.JSONField(default=dict, editable=False)),
        migrations.AddField("event", "sealed", models.JSONField(default=dict, editable=False)),
        migrations.AddField("event", "digest", models.CharField(blank=True, default="", editable=False, max_length=64),
                            preserve_default=False),
        migrations.RunPython(forward, backward),
    ]  # fmt: skip
