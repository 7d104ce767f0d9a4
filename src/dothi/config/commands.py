"""The commands that need Django; what they do stands in the modules they name, imported once Django is set up."""

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
@json_option
def create_key(name: str, allow: tuple[str, ...], as_json: bool) -> None:
    """Make a key and print its token, which is shown only this once."""
    key = call("dothi.config.keys:create", name=name, allow=allow)
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
        click.echo(f"{key.id}  {state}  {key.name}  {' '.join(sorted(key.permissions))}")


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """Revoke a key, in Dothi and at the devices' broker, at once."""
    key = call("dothi.config.keys:revoke", key_id=key_id)
    click.echo(f"{key.id} ({key.name}) is revoked.")


@click.group()
def users() -> None:
    """Keep the accounts of people."""


@users.command("create")
@click.argument("username")
@click.option("--role", default="viewer", show_default=True, help="What the person may do.")
@click.password_option(help="The password; asked for if not given.")
def create_user(username: str, role: str, password: str) -> None:
    """Make a person's account."""
    user_id = call("dothi.config.users:create", username=username, role=role, password=password)
    click.echo(f"User {username} has id {user_id} and role {role}.")


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
