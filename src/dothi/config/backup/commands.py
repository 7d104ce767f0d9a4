"""`dothi backup` and `dothi restore`."""

from pathlib import Path
from typing import Final

import click
import msgspec

from dothi.config import environment
from dothi.config.backup import archive
from dothi.config.backup.make import make
from dothi.config.backup.restore import restore as restore_file
from dothi.config.process import prepare
from dothi.kernel.errors import DothiError

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
home_option: Final = click.option(
    "--home", type=click.Path(path_type=Path), help="The folder for data and secrets; DOTHI_HOME if not given."
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@home_option
@json_option
def backup(file: Path, home: Path | None, as_json: bool) -> None:
    """Back everything up into one file while Dothi runs, and read it again.

    The file holds the database as it was when the backup began, and what machines may do at the private brokers. It
    holds no secrets of the home, but hashes of keys and personal data: only its owner can read it.
    """
    environment.choose_home(home)
    settings = prepare()
    try:
        made = make(settings, file)
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror or error}") from error
    if as_json:
        click.echo(msgspec.json.encode(made).decode())
        return
    click.echo(f"{made.file}: {made.rows} rows of {made.tables} tables as of {made.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    click.echo(f"{made.size / 1_000_000:.1f} MB in {made.total_s:.1f} s ({made.verify_s:.1f} s to read it again).")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@click.option("--force", is_flag=True, help="Drop everything that is in the database before.")
@click.option("--check", is_flag=True, help="Only see whether the file is whole; change nothing.")
@json_option
def restore(file: Path, home: Path | None, force: bool, check: bool, as_json: bool) -> None:
    """Restore a backup onto an empty installation, and compare every table with what it was.

    Dothi must not run. Without DOTHI_DATABASE_URL the private cluster of the home is made and used; start `dothi up` on
    that home afterwards.
    """
    environment.choose_home(home)
    try:
        if check:
            manifest = archive.verify(file)
            click.echo(f"{file} is whole: {manifest.rows} rows of {len(manifest.tables)} tables.")
            return
        done = restore_file(environment.read(), file, is_forced=force)
    except (DothiError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror or error}") from error
    if as_json:
        click.echo(msgspec.json.encode(done).decode())
        return
    click.echo(f"{done.rows} rows of {done.tables} tables are as they were at {done.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    click.echo(f"{done.total_s:.1f} s ({done.verify_s:.1f} s to compare).")
