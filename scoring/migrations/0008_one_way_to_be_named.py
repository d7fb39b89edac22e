from django.db import migrations


def show_topics(apps, schema_editor):
    """Let members see the topics of those who asked to be named to them on the pages of these.

    Whoever keeps their page closed is named no more: that is the later word. Who has no page gets
    one that shows members the topics alone, from the moment they choose a handle for it.
    """
    listed = set(apps.get_model('scoring', 'TopicListing').objects.values_list('user', flat=True))
    profiles = apps.get_model('accounts', 'Profile').objects
    profiles.filter(user__in=listed, topics='').exclude(page='').update(topics='members')
    without = listed.difference(profiles.filter(user__in=listed).values_list('user', flat=True))
    profiles.bulk_create(
        (profiles.model(user_id=user, page='members', topics='members') for user in sorted(without)),
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_profile_plusk'),
        ('scoring', '0007_plusk'),
    ]

    operations = [
        migrations.RunPython(show_topics, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(
            name='TopicListing',
        ),
    ]
