from django.db import migrations


def show_topics(apps, schema_editor):
    """Let members see the topics of those who asked to be named to them on the pages of these.

    Whoever keeps their page closed is named no more: that is the later word. Who has no page gets
    one that shows members the topics alone, from the moment they choose a handle for it.
    """
    listings = apps.get_model('scoring', 'TopicListing').objects
    profiles = apps.get_model('accounts', 'Profile').objects
    open_ones = profiles.filter(user__in=listings.values('user'), topics='').exclude(page='')
    open_ones.update(topics='members')
    # Subqueries instead of ids: SQLite takes 250,000 of these at most.
    without = listings.exclude(user__in=profiles.values('user')).order_by('user')
    profiles.bulk_create(
        [
            profiles.model(user_id=user, page='members', topics='members')
            for user in without.values_list('user', flat=True)
        ],
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
