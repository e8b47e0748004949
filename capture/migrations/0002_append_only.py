from django.db import migrations

from sites import append_only

TABLES = {  # table: the flag that may go from true to false
    "capture_copiedfield": "",
    "capture_receipt": "",
    "capture_stay": "",
    "capture_consent": "",
    "capture_patientevent": "",
    "capture_signature": "",
    "capture_submission": "",
    "capture_occurrence": "",
    "capture_response": "is_current",
    "capture_estimate": "",
    "capture_acceptance": "",
    "capture_move": "",
    "capture_planpin": "",
}


class Migration(migrations.Migration):
    dependencies = [("capture", "0001_initial")]
    operations = [migrations.RunPython(append_only.guard(TABLES), append_only.unguard(TABLES))]
