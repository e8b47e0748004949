"""Django app: forms_catalog."""

from django.apps import AppConfig


class FormsCatalogConfig(AppConfig):
    name = "forms_catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks of the shipped content."""
        from forms_catalog import checks  # noqa: F401  (importing registers them)
