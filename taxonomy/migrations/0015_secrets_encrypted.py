"""What second factors rest on is encrypted."""

from django.db import migrations

from taxonomy.people import encryption


def encrypt(apps, schema_editor):
    _change(apps, encryption.renew)


def decrypt(apps, schema_editor):
    _change(apps, encryption.decrypt)


def _change(apps, change):
    Authenticator = apps.get_model("mfa", "Authenticator")
    for row in Authenticator.objects.all():
        row.data = encryption.mapped(row.data, change)
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0014_scopes"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, decrypt)]
