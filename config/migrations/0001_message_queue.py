"""The tables and functions of PGMQ, Celery's broker when no other is named."""

from typing import Any

from django.db import migrations
from pgmq import get_embedded_install_sql


def install(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('pgmq') IS NOT NULL")
        if not cursor.fetchone()[0]:  # a server may have the extension already
            cursor.execute(get_embedded_install_sql())


class Migration(migrations.Migration):
    operations = [
        migrations.RunPython(install, migrations.RunPython.noop, elidable=False),
    ]
