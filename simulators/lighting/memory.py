"""What controllers keep when the power fails: registers, programmes, overrides; one small file, replaced as a whole."""

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from simulators.lighting.city import City
from simulators.lighting.programme import read_programme, write_programme


class Memory:
    """The file of one city; without it, or for a city of other lamps, everything begins anew."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.registered_s = 0.0
        """When the city was registered, in Unix time; 0 where that is not known."""
        self.is_backfilled = False

    def recall(self, city: City) -> None:
        """Set a city to where it was left."""
        if self._file is None or not self._file.exists():
            return
        try:
            with np.load(self._file, allow_pickle=False) as kept:
                found = dict(kept.items())
        except (OSError, EOFError, ValueError, BadZipFile):
            return
        if tuple(found["serials"].tolist()) == city.fleet.serials:
            self._apply(city, found)

    def _apply(self, city: City, found: dict[str, Any]) -> None:
        self.registered_s, self.is_backfilled = float(found["registered_s"]), bool(found["is_backfilled"])
        city.remember(found["energy_kwh"], found["operating_h"], float(found["at_s"]))
        for number, text in enumerate(found["programmes"].tolist()):
            lamps = np.flatnonzero(found["programme_of"] == number)
            city.controllers.set_programme(lamps, read_programme(json.loads(text)))
        for lamp in np.flatnonzero(~np.isnan(found["override"])).tolist():
            city.controllers.override([lamp], float(found["override"][lamp]), float(found["until_s"][lamp]))

    def keep(self, city: City) -> None:
        """Write the file anew."""
        kept = city.registers()
        if self._file is None or kept is None:
            return
        programmes, programme_of, override, until_s = city.controllers.kept()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        written = self._file.with_suffix(".new")
        with written.open("wb") as file:
            np.savez(
                file,
                at_s=kept[0],
                energy_kwh=kept[1],
                operating_h=kept[2],
                serials=np.array(city.fleet.serials),
                registered_s=self.registered_s,
                is_backfilled=self.is_backfilled,
                programmes=np.array([json.dumps(write_programme(each)) for each in programmes]),
                programme_of=programme_of,
                override=override,
                until_s=until_s,
            )
        written.replace(self._file)
