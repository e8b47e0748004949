"""Visits with a draft are open: they keep the newest release that any of their drafts began with."""

from django.db import migrations


def open_drafted(apps, editor):
    draft, visit = apps.get_model("capture", "Draft"), apps.get_model("capture", "Visit")
    held = draft.objects.filter(visit__submitted_at__isnull=True, visit__release__isnull=True)
    for visit_id, release_id in held.order_by("release__number").values_list("visit_id", "release_id"):
        visit.objects.filter(pk=visit_id).update(release_id=release_id)  # the last one, the newest, stays


class Migration(migrations.Migration):
    dependencies = [("capture", "0004_set_aside_values")]
    operations = [migrations.RunPython(open_drafted, migrations.RunPython.noop)]
