"""Risers are read by an index, which PostgreSQL makes while the site goes on."""

from django.db import migrations, models

NAME = 'score_risers'


class AddIndexBesideWrites(migrations.AddIndex):
    """Add an index; on PostgreSQL without a lock that writers wait for."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        concurrently = schema_editor.connection.vendor == 'postgresql'
        # What was left half made by a run that was broken off is in the way, and is no use.
        way = 'INDEX CONCURRENTLY' if concurrently else 'INDEX'
        schema_editor.execute(f'DROP {way} IF EXISTS {schema_editor.quote_name(NAME)}')
        if concurrently:
            model = to_state.apps.get_model(app_label, self.model_name)
            schema_editor.add_index(model, self.index, concurrently=True)
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('scoring', '0034_names_in_the_admin'),
    ]

    operations = [
        AddIndexBesideWrites(
            model_name='scoresnapshot',
            index=models.Index(
                condition=models.Q(('risen__gt', 0)),
                fields=['day', 'model', '-risen'],
                name=NAME,
            ),
        ),
    ]
