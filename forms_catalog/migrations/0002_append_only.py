from django.db import migrations

from sites import append_only

TABLES = {  # table: the flag that may go from true to false
    "forms_catalog_elementversion": "",
    "forms_catalog_alias": "",
    "forms_catalog_conflictruling": "",
    "forms_catalog_release": "",
    "forms_catalog_dictionaryversion": "",
    "forms_catalog_fieldrequest": "",
    "forms_catalog_scheduleentry": "",
}


class Migration(migrations.Migration):
    dependencies = [("forms_catalog", "0001_initial")]
    operations = [migrations.RunPython(append_only.guard(TABLES), append_only.unguard(TABLES))]
