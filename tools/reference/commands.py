"""The reference page of the command line, made from `dothi.config.cli`."""

from collections.abc import Iterator

import click

from dothi.config import cli
from tools.reference.table import code, table

TITLE = "Commands"
INTRODUCTION = "Everything the program `dothi` can be told to do; `dothi COMMAND --help` says the same."


def body() -> str:
    """Write a section for each command with a table of its options."""
    return "\n".join(_section(name, command) for name, command in _commands())


def faults() -> Iterator[str]:
    """Name the commands and options that have no help text."""
    for name, command in _commands():
        if not (command.help or "").strip():
            yield f"the command `{name}` has no help text"
        for option in _options(command):
            if not (option.help or "").strip():
                yield f"the option {_flags(option)} of `{name}` has no help text"


def _commands() -> list[tuple[str, click.Command]]:
    return list(_walk(click.Context(cli.main, info_name="dothi")))


def _walk(context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Give a command and all below it with their full names; a group may import its commands only when asked."""
    command = context.command
    yield context.command_path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inside = command.get_command(context, name)
            if inside is not None and not inside.hidden:
                yield from _walk(click.Context(inside, info_name=name, parent=context))


def _options(command: click.Command) -> list[click.Option]:
    return [part for part in command.params if isinstance(part, click.Option) and not part.hidden]


def _flags(option: click.Option) -> str:
    return ", ".join([*option.opts, *option.secondary_opts])


def _section(name: str, command: click.Command) -> str:
    arguments = [part.human_readable_name for part in command.params if isinstance(part, click.Argument)]
    usage = " ".join([name, *arguments])
    rows = [[code(_flags(option)), _default(option), option.help or ""] for option in _options(command)]
    words = " ".join((command.help or "").split())
    options = "\n" + table(["Option", "Default", "What it does"], rows) if rows else ""
    return f"## {code(usage)}\n\n{words}\n{options}"


def _default(option: click.Option) -> str:
    shown = option.default
    if option.is_flag or callable(shown) or shown is None or type(shown).__name__ == "Sentinel":
        return ""
    return code(shown)
