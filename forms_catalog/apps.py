"""Django app: forms_catalog."""

from django.apps import AppConfig


class FormsCatalogConfig(AppConfig):
    name = "forms_catalog"
    default_auto_field = "django.db.models.BigAutoField"
