from django.db import migrations

from sites import append_only

TABLES = {  # table: the flag that may go from true to false
    "sites_costprofile": "",
    "sites_burdenentry": "",
    "sites_trailentry": "",
}


class Migration(migrations.Migration):
    dependencies = [("sites", "0001_initial")]
    operations = [migrations.RunPython(append_only.guard(TABLES), append_only.unguard(TABLES))]
