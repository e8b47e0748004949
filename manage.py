#!/usr/bin/env python
"""Django's command line for AskOnce."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["inspect_dictionary"]:
        return inspect_dictionary()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    return execute_from_command_line(sys.argv)


def inspect_dictionary() -> None:
    """Needs no app, no setting and no database, so none is loaded: a hostile file is refused in a third of a second."""
    from forms_catalog.management.commands.inspect_dictionary import Command

    Command().run_from_argv(sys.argv)


if __name__ == "__main__":
    main()
