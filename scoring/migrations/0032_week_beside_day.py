"""What a score moved in a week stands beside its day. The index of risers follows in 0035."""

from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.db.models import Max

NEWEST = timedelta(days=2)  # the last whole day is told, and no older one ever again
SQL = """
UPDATE scoring_scoresnapshot SET risen = score - (
    SELECT before.score FROM scoring_scoresnapshot AS before
    WHERE before.user_id = scoring_scoresnapshot.user_id
    AND before.model = scoring_scoresnapshot.model
    AND before.day = {week_before}
) WHERE day >= %s AND score IS NOT NULL
"""
WEEK_BEFORE = {
    'sqlite': "date(scoring_scoresnapshot.day, '-7 days')",
    'postgresql': 'scoring_scoresnapshot.day - 7',
}


def fill_newest(apps, schema_editor):
    connection = schema_editor.connection
    newest = apps.get_model('scoring', 'ScoreSnapshot').objects.aggregate(day=Max('day'))['day']
    if newest is not None:
        with connection.cursor() as cursor:
            sql = SQL.format(week_before=WEEK_BEFORE[connection.vendor])
            cursor.execute(sql, [newest - NEWEST])


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0031_moments_removed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='scoresnapshot',
            name='risen',
            field=models.FloatField(null=True),
        ),
        migrations.RunPython(fill_newest, migrations.RunPython.noop),
    ]
