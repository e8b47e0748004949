from django.db import migrations, models

from sites import append_only

GUARDED = {"capture_acceptance": ""}


class Migration(migrations.Migration):

    dependencies = [
        ('capture', '0010_opening_balances'),
    ]

    operations = [
        migrations.AddField(
            model_name='acceptance',
            name='trims',
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(append_only.guard(GUARDED), append_only.unguard(GUARDED)),
    ]
