"""The command line; each command is imported only when it is called, so that `dothi up` loads no Django."""

import importlib
from typing import Final

import click

COMMANDS: Final = {
    "up": "dothi.config.supervisor:up",
    "serve": "dothi.config.commands:serve",
    "ingest": "dothi.config.commands:ingest",
    "worker": "dothi.config.commands:worker",
    "migrate": "dothi.config.migrate:migrate",
    "keys": "dothi.config.commands:keys",
    "users": "dothi.config.commands:users",
    "audit": "dothi.config.commands:audit",
    "observations": "dothi.config.commands:observations",
    "places": "dothi.config.place_commands:places",
    "backup": "dothi.config.backup.commands:backup",
    "restore": "dothi.config.backup.commands:restore",
}
"""Where each command stands: module and name."""


class LaterGroup(click.Group):
    """A group whose commands stand in modules that are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the commands' names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and give one command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(module), name)
        if not isinstance(found, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is no command")
        return found


@click.group(cls=LaterGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dothi", prog_name="dothi")
def main() -> None:
    """Dothi, the operating platform of a city."""


if __name__ == "__main__":
    main(prog_name="dothi")
