"""What `dothi observations import` and `export` do: files in and out, with a bar, a report and counts."""

import asyncio
import csv
import sys
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

import click
import msgspec

from dothi.config.city import load_city
from dothi.config.environment import Environment
from dothi.config.telling import tell_city
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.exporting import service as exporting
from dothi.core.observations.importing import service as importing
from dothi.core.observations.importing.mapping import read_mapping
from dothi.core.observations.importing.types import Bad, Tally
from dothi.kernel.errors import DothiError
from dothi.kernel.events import ThingsChanged

SOME_BAD: Final = 3
"""Exit code of an import of which some could not be used; 1 is that nothing more could be done, 2 a wrong call."""
_STEPS: Final = 1000


class ReportFile:
    """The file that says what could not be used; it is there only if there is something to say."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.count = 0
        self._file: IO[str] | None = None
        path.unlink(missing_ok=True)

    def add(self, bad: Bad) -> None:
        """Write one line."""
        self.count += 1
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._write(Bad.__struct_fields__)
        self._write((bad.line, bad.column, bad.reason, bad.value))

    def _write(self, values: tuple[Any, ...]) -> None:
        csv.writer(self._file).writerow(values)  # type: ignore[arg-type]  # only called with an open file

    def close(self) -> None:
        """Write out what waits."""
        if self._file is not None:
            self._file.close()


def import_file(
    environment: Environment,
    *,
    path: Path,
    mapping: Path | None,
    report: Path | None,
    is_dry_run: bool,
    as_json: bool,
) -> None:
    """Import a file and say what became of it; exits with `SOME_BAD` if not all was good. Raises ClickException."""
    bad = ReportFile(report or Path(f"{path.name}.bad.csv"))
    began = monotonic()
    try:
        found = None if mapping is None else read_mapping(mapping)
        with click.progressbar(length=_STEPS, label=path.name, file=sys.stderr) as bar:
            work = importing.import_file(
                SYSTEM,
                environment.database_url,
                path,
                mapping=found,
                report=bad.add,
                progress=lambda done: bar.update(round(done * _STEPS) - bar.pos),
                dry_run=is_dry_run,
            )
            tally = asyncio.run(work)
        if tally.added and environment.mqtt_out_url:
            changed = ThingsChanged(thing_ids=sorted(tally.thing_ids))
            tell_city(environment.mqtt_out_url, [changed], process="import")
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or path}: {error.strerror or error}") from error
    finally:
        bad.close()
    _say(tally, seconds=monotonic() - began, is_dry_run=is_dry_run, as_json=as_json)
    if bad.count:
        click.echo(f"{bad.count} entries could not be used: see {bad.path}", err=True)
        sys.exit(SOME_BAD)


def _say(tally: Tally, *, seconds: float, is_dry_run: bool, as_json: bool) -> None:
    if as_json:
        told = {name: getattr(tally, name) for name in tally.__struct_fields__ if name != "thing_ids"}
        click.echo(msgspec.json.encode(told | {"seconds": round(seconds, 2)}).decode())
    elif is_dry_run:
        click.echo(f"{tally.read} Observations would be stored as far as they are new; nothing was.")
        click.echo(f"To make: {tally.things} Things, {tally.datastreams} Datastreams.")
    else:
        again = " (continued where it was)" if tally.resumed else ""
        click.echo(
            f"{tally.read} Observations read in {seconds:.1f} s{again}: {tally.added} added, {tally.present} there."
        )
        click.echo(f"Made: {tally.things} Things, {tally.datastreams} Datastreams.")


def export(
    environment: Environment,
    *,
    folder: Path,
    begin: datetime | None,
    end: datetime | None,
    streams: tuple[int, ...],
    as_json: bool,
) -> None:
    """Export to a folder and say what was written. Raises click.ClickException."""
    zone = ZoneInfo(load_city(environment.city).zone)
    began = monotonic()
    try:
        with click.progressbar(length=1, label=str(folder), file=sys.stderr) as bar:

            def progress(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            found = exporting.export(
                SYSTEM,
                environment.database_url,
                folder,
                begin=begin and begin.replace(tzinfo=zone),
                end=end and end.replace(tzinfo=zone),
                streams=streams,
                progress=progress,
            )
    except DothiError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        click.echo(
            f"{found.rows} Observations in {found.written + found.left} files: {found.written} written in "
            f"{monotonic() - began:.1f} s, {found.left} were up to date."
        )
