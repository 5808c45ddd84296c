"""What proves an acceptance; and the texts of licenses that tiers carry. Rows of before stay as they are."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def name_the_components(apps: Any, schema_editor: Any) -> None:
    """Of each promise that was made before: for which component its text stood."""
    texts = apps.get_model("portal", "LicenseText").objects
    for row in apps.get_model("portal", "Acceptance").objects.iterator():
        found = texts.filter(document=row.document, license=row.license, sha256=row.sha256).order_by("id").first()
        if found is not None:
            row.component = found.component
            row.save(update_fields=["component"])


def _text(length: int, title: str | None = None) -> models.CharField:  # type: ignore[type-arg]
    return models.CharField(title, blank=True, default="", max_length=length)


ADDED = (
    ("version", _text(64)),
    ("component", _text(64)),
    ("summary_sha256", _text(64, "SHA-256 of the summary")),
    ("tier", _text(64, "tier at the time")),
    ("words", _text(500)),
    ("authority", _text(200, "declared authority")),
    ("address", _text(45)),
    ("agent", _text(300, "program")),
    ("receipt", models.TextField(blank=True, default="")),
    ("receipt_kid", _text(43, "signed by the key")),
    ("receipt_signature", models.TextField(blank=True, default="")),
)


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_grants_of_their_own")]
    operations = [
        *(migrations.AddField("acceptance", name, field, preserve_default=False) for name, field in ADDED),
        migrations.AddField("acceptance", "answers", models.JSONField(blank=True, default=dict)),
        migrations.AddField("licensetext", "carried", models.BooleanField(default=False)),
        migrations.RemoveConstraint("licensetext", "one_text_a_component"),
        migrations.AddConstraint(
            "licensetext",
            models.UniqueConstraint(fields=["document", "component", "license"], name="one_text_a_license"),
        ),
        migrations.RunPython(name_the_components, migrations.RunPython.noop),
    ]
