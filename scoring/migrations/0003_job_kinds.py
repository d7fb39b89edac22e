from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0002_readings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('collect', 'Collect'), ('score', 'Score'), ('history', 'History'), ('archive', 'Archive'), ('revoke', 'Revoke'), ('letter', 'Letter')], max_length=20),
        ),
    ]
