import uuid

from django.db import migrations, models

from sites import append_only

TABLES = {"forms_catalog_conflictruling": ""}


class Migration(migrations.Migration):
    """Rulings know their place, content and what was seen. No release wrote a row, so the table is made anew."""

    dependencies = [
        ('forms_catalog', '0007_trained_matcher'),
    ]

    operations = [
        migrations.DeleteModel(name='ConflictRuling'),
        migrations.CreateModel(
            name='ConflictRuling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('place', models.TextField()),
                ('content', models.CharField(db_index=True, max_length=64)),
                ('element', models.TextField()),
                ('programs', models.JSONField(default=list)),
                ('about', models.JSONField(default=dict)),
                ('ruling', models.CharField(blank=True, max_length=40)),
                ('ruled_by', models.CharField(max_length=200)),
                ('ruled_at', models.DateTimeField()),
                ('reason', models.TextField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.RunPython(append_only.guard(TABLES), append_only.unguard(TABLES)),
    ]
