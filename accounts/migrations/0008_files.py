"""Files: whose account they say they are of, since when that is proven, and large ones that wait."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def file_under_their_person(apps, schema_editor):
    """An archive of X was known by the account alone, so that the first upload blocked all others."""
    Source = apps.get_model("accounts", "Source")
    for source in Source.objects.filter(network="x_archive", claim=""):
        source.claim = f"x {source.external_id}"
        source.external_id = f"{source.user_id}:{source.external_id}"
        source.save(update_fields=["claim", "external_id"])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_cases_and_letters'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('filename', models.CharField(blank=True, max_length=255)),
                ('table_name', models.CharField(blank=True, max_length=60)),
                ('table_slug', models.CharField(blank=True, max_length=150)),
                ('size', models.BigIntegerField()),
                ('received_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='upload', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='source',
            name='claim',
            field=models.CharField(blank=True, db_index=True, default='', max_length=700),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='source',
            name='proven_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(file_under_their_person, migrations.RunPython.noop),
    ]
