"""The roles that every organization has. A later version with more acts adds them here, by a migration of its own."""

from typing import Any

from django.db import migrations

READS = ("read:members", "read:usage", "read:tier")
USES = ("call:features", "download:components", "make:keys")
RUNS = (
    "manage:keys", "manage:service-accounts", "manage:tier", "accept:licenses", "manage:members", "manage:roles",
    "read:events", "manage:organization",
)  # fmt: skip
ROLES = {
    "Owner": (*READS, *USES, *RUNS, "own:organization"),
    "Admin": (*READS, *USES, *RUNS),
    "Billing": (*READS, "manage:tier"),
    "Member": (*READS, *USES),
    "Viewer": READS,
}


def give(apps: Any, schema_editor: Any) -> None:
    role = apps.get_model("organizations", "Role")
    for n, (name, acts) in enumerate(ROLES.items()):
        role.objects.create(id=f"role_{name.lower()}", name=name, acts=sorted(acts), made_s=n)


def take(apps: Any, schema_editor: Any) -> None:
    apps.get_model("organizations", "Role").objects.filter(organization=None).delete()


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_first")]

    operations = [migrations.RunPython(give, take)]
