"""Stands in for the platform's web address: keeps entities in memory, and can be made to fail."""

import threading
from typing import Any
from urllib.parse import unquote

from simulators.outsider.entities import API
from simulators.outsider.web import NotYet


class Platform:
    """Answers what devices ask of SensorThings; `fail_after` more Things it is gone."""

    def __init__(self, *, has_tasking: bool = True) -> None:
        self.sets: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("Things", "Sensors", "ObservedProperties", "Actuators", "TaskingCapabilities")
        }
        self.has_tasking = has_tasking
        self.fail_after: int | None = None
        self.rows: list[dict[str, Any]] = []
        self._number = 0
        self._lock = threading.Lock()

    def get(self, path: str) -> Any:
        """Answer the front page, a page of Things, or a look for what is shared."""
        if path == f"{API}/":
            names = [name for name in self.sets if self.has_tasking or not name.startswith(("Task", "Actu"))]
            return {"value": [{"name": name} for name in names]}
        entity_set, _, question = unquote(path).removeprefix(f"{API}/").partition("?")
        if entity_set == "Things":
            return self._page(question)
        wanted = question.partition("name eq '")[2].partition("'")[0]
        return {"value": [each for each in self.sets[entity_set] if each["name"] == wanted]}

    def _page(self, question: str) -> Any:
        size = 5
        skip = int(question.partition("$skip=")[2] or 0)
        page: dict[str, Any] = {"value": self.sets["Things"][skip : skip + size]}
        if skip + size < len(self.sets["Things"]):
            page["@iot.nextLink"] = f"http://platform{API}/Things?$skip={skip + size}"
        return page

    def post(self, path: str, body: Any) -> Any:
        """Keep an entity with an id for it and for what comes with it, or take rows."""
        entity_set = path.removeprefix(f"{API}/")
        with self._lock:
            if entity_set == "CreateObservations":
                self.rows += body
                return [f"Observations({number})" for group in body for number in range(len(group["dataArray"]))]
            if entity_set == "Things" and self.fail_after is not None:
                if self.fail_after == 0:
                    raise NotYet("gone")
                self.fail_after -= 1
            made = self._with_id(body)
            for name in ("Datastreams", "TaskingCapabilities"):
                if name in body:
                    made[name] = [self._with_id(each) for each in body[name]]
            self.sets[entity_set].append(made)
            if entity_set == "TaskingCapabilities":
                thing = next(each for each in self.sets["Things"] if each["@iot.id"] == body["Thing"]["@iot.id"])
                thing.setdefault(entity_set, []).append(made)
            return made

    def _with_id(self, body: Any) -> Any:
        self._number += 1
        return {**body, "@iot.id": self._number}
