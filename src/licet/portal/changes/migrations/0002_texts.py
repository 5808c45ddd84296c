"""The texts that lie beside documents already are kept from now on, too."""

from typing import Any

from django.db import migrations

from licet.portal import clock


def keep(apps: Any, schema_editor: Any) -> None:
    kept, known = apps.get_model("changes", "KeptText"), apps.get_model("portal", "LicenseText")
    for text in known.objects.order_by("id"):
        kept.objects.get_or_create(
            release=text.release, license=text.license, sha256=text.sha256,
            defaults={"file": text.file, "body": text.body, "first_s": clock.now_s()},
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_first")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
