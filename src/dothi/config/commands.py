"""The commands that need Django; what they do stands in the modules they name, imported once Django is set up."""

from datetime import datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from dothi.config.process import call

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=int, help="The port to listen on; DOTHI_PORT if not given.")
def serve(host: str, port: int | None) -> None:
    """Run the web site and the machines' door in one process."""
    call("dothi.config.web:run", host=host, port=port)


@click.command()
def ingest() -> None:
    """Take what devices send over MQTT into the record."""
    call("dothi.config.ingest:run")


@click.command()
def worker() -> None:
    """Run scheduled and queued jobs."""
    call("dothi.config.worker:run")


@click.group()
def keys() -> None:
    """Keep the keys with which machines come in."""


@keys.command("create")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--allow", multiple=True, required=True, metavar="PERMISSION", help="A permission; may be repeated.")
@click.option("--department", default="", help="Limit the key to the Things of a department.")
@click.option("--thing", "things", type=int, multiple=True, help="Limit the key to this Thing; may be repeated.")
@json_option
def create_key(name: str, allow: tuple[str, ...], department: str, things: tuple[int, ...], as_json: bool) -> None:
    """Make a key and print its token, which is shown only this once."""
    key = call("dothi.config.keys:create", name=name, allow=allow, department=department, things=things)
    if as_json:
        click.echo(msgspec.json.encode({"id": key.id, "secret": key.secret}).decode())
    else:
        click.echo(f"{key.token}\nKeep it: it is shown only this once. MQTT: user name {key.id}, password the rest.")


@keys.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """List all keys, revoked ones too."""
    found = call("dothi.config.keys:list_all")
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    for key in () if as_json else found:
        state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "valid"
        used = f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used over HTTP"
        click.echo(f"{key.id}  {state}  {used}  {key.name}  {' '.join(sorted(key.permissions))}")


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """Revoke a key, in Dothi and at the devices' broker, at once."""
    key = call("dothi.config.keys:revoke", key_id=key_id)
    click.echo(f"{key.id} ({key.name}) is revoked.")


@click.group()
def users() -> None:
    """Keep the accounts of people."""


role_option: Final = click.option("--role", default="viewer", show_default=True, help="What the person may do.")
department_option: Final = click.option("--department", default="", help="Where; everywhere if not given.")
area_option: Final = click.option("--area", default="", help="The code of an area; everywhere if not given.")


@users.command("create")
@click.argument("username")
@role_option
@department_option
@area_option
@click.password_option(help="The password; asked for if not given.")
def create_user(username: str, role: str, department: str, area: str, password: str) -> None:
    """Make a person's account."""
    user_id = call(
        "dothi.config.users:create", username=username, role=role, department=department, area=area, password=password
    )
    click.echo(f"User {username} has id {user_id} and role {role}.")


@users.command("invite")
@role_option
@department_option
@area_option
@click.option("--email", default="", help="Whom the invitation is for.")
@json_option
def invite_user(role: str, department: str, area: str, email: str, as_json: bool) -> None:
    """Make an invitation and print its path, which is shown only this once: open it on this site."""
    made = call("dothi.config.users:invite", role=role, department=department, area=area, email=email)
    path = f"/invitation/{made.token}/"
    if as_json:
        click.echo(msgspec.json.encode({"id": made.id, "path": path, "expires_at": made.expires_at}).decode())
    else:
        click.echo(f"{path}\nGood once, until {made.expires_at:%Y-%m-%d %H:%MZ}: send it to the person alone.")


@users.command("list")
@json_option
def list_users(as_json: bool) -> None:
    """List all accounts with their grants; of erased people the number alone is left."""
    found = call("dothi.config.users:list_all")
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    for person in () if as_json else found:
        state = "erased" if person.is_erased else "open" if person.is_active else "shut"
        grants = ", ".join("/".join(filter(None, (each.role, each.department, each.area))) for each in person.grants)
        click.echo(f"{person.id}  {state}  {person.username or '-'}  {person.name or '-'}  {grants or '-'}")


@users.command("erase")
@click.argument("user_id", type=int)
@click.confirmation_option(prompt="Erase all that tells who this person is? It can't be undone.")
def erase_user(user_id: int) -> None:
    """Erase a person's data; the account stays as a number, and the audit log stays whole."""
    call("dothi.config.users:erase", user_id=user_id)
    click.echo(f"User {user_id} is erased.")


@click.group()
def audit() -> None:
    """Check the log of changes."""


@audit.command("verify")
def verify_audit() -> None:
    """Check that no entry of the audit log was changed, removed or inserted; exit code 1 if one was."""
    broken = call("dothi.config.audit:verify")
    if broken is not None:
        raise click.ClickException(f"The audit log does not hold at entry {broken}.")
    click.echo("The audit log is whole.")


@click.group()
def observations() -> None:
    """Bring files of measurements in and out, and keep the record to its size."""


FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@observations.command("import")
@click.argument("file", type=FILE)
@click.option("--mapping", type=FILE, help="What the file's columns are; not needed for a file that Dothi exported.")
@click.option("--report", type=NEW_FILE, help="Where to say what could not be used; FILE.bad.csv if not given.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, store nothing.")
@json_option
def import_observations(file: Path, mapping: Path | None, report: Path | None, dry_run: bool, as_json: bool) -> None:
    """Import a CSV or Parquet file, packed with gzip or not.

    It may be repeated, and started again where it was interrupted: nothing is stored twice. What can't be used is
    written into a report, with its line and the reason; then the exit code is 3, and all the rest is stored.
    """
    call(
        "dothi.config.transfer:import_file",
        path=file,
        mapping=mapping,
        report=report,
        is_dry_run=dry_run,
        as_json=as_json,
    )


@observations.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from", "begin", type=click.DateTime(), help="The first moment, in the city's time.")
@click.option("--to", "end", type=click.DateTime(), help="The moment before which to stop, in the city's time.")
@click.option("--datastream", "streams", type=int, multiple=True, help="The id of a Datastream; may be repeated. All.")
@json_option
def export_observations(
    folder: Path, begin: datetime | None, end: datetime | None, streams: tuple[int, ...], as_json: bool
) -> None:
    """Export to Parquet, one file for each partition of time; files that are up to date are left as they are."""
    call("dothi.config.transfer:export", folder=folder, begin=begin, end=end, streams=streams, as_json=as_json)


@observations.command("dead-letters")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many to list.")
@json_option
def list_dead_letters(limit: int, as_json: bool) -> None:
    """List messages that could not be used, the newest first, with the reason and how they begin."""
    found = call("dothi.config.dead_letters:list_newest", limit=limit)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    for letter in () if as_json else found:
        click.echo(f"{letter.received_at:%Y-%m-%d %H:%M:%SZ}  {letter.source}  {letter.reason}  {letter.excerpt}")


@observations.command("retain")
@click.option("--dry-run", is_flag=True, help="Say what would go and how large it is; change nothing.")
@json_option
def retain_observations(dry_run: bool, as_json: bool) -> None:
    """Turn Observations whose time has passed into hours and days, as the worker does every hour."""
    call("dothi.config.retention:run", is_dry_run=dry_run, as_json=as_json)
