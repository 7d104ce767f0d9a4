"""The manifest that each package of core and domains carries: what it is, shows, permits, keeps and promises."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
DottedSlug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
ClassName = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Za-z0-9]*$")]


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One name in both languages."""

    vi: Text
    """Vietnamese, which comes first."""
    en: Text
    """English."""

    def of(self, language: str) -> str:
        """Give the name in a language: Vietnamese for "vi", English for any other."""
        return self.vi if language == "vi" else self.en


class LayerState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One state that a layer's features can be in."""

    id: Slug
    """What the rule named by `describe` gives as the state."""
    names: Names
    """What people read for it, short enough for a count: "5,942/6,000 on"."""
    symbol: str = "filled"
    """How the map draws it: `filled`, `hollow` or `dashed`; shape carries the state, colour is for alarms."""


class Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A layer of the live map: the Things of one kind, described by a function of the package's rules."""

    id: DottedSlug
    """Begins with the package's own id: `lighting.lamps`."""
    names: Names
    """What people read in the panel of layers."""
    kind: Text
    """The layer shows the Things whose `properties.kind` is this."""
    describe: Slug
    """A function in the package's `rules.py`: readings by Datastream name → FeatureState."""
    late_after_s: Annotated[float, msgspec.Meta(gt=0)]
    """City seconds without a new reading after which a feature counts as late."""
    permission: DottedSlug
    """Who holds it sees the layer; one of the `permissions`."""
    headline: Slug
    """The state that the layer's line counts: "5,942/6,000 on"."""
    states: tuple[LayerState, ...]
    """All states a feature can be in, the usual one first."""


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page in the navigation; `path` is relative to the site and ends in a slash."""

    path: Annotated[str, msgspec.Meta(pattern=r"^([a-z0-9-]+/)*$")]
    """The address without the leading slash: `lighting/`."""
    names: Names
    """What people read in the navigation."""
    permission: DottedSlug
    """Who holds it sees the entry; the view names its permission itself."""
    icon: str = ""
    """Its own symbol, of @tabler/icons; if empty, the package's."""


class Panel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part that a package adds to a page of another one, which knows nothing of it."""

    place: Slug
    """Where it stands: `alarm`, `work_order` and `dossier` are the pages of an alarm, a work order and a place."""
    template: Text
    """The template it is drawn from: `incidents/alarm_panel.html`."""
    context: Slug
    """A function of the package's `views`: (actor, subject of the page) → the template's context; None for no panel."""
    permission: DottedSlug
    """Who holds it sees the panel."""
    names: Names | None = None
    """What it shows, for pages that say to whoever may not see it that it is left out: a dossier."""


class Finder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of thing that the search finds by name."""

    names: Names
    """What people read beside each that is found: "Lamp"."""
    find: Slug
    """A function of the package's `views`: (actor, what is asked) → hits, only of what the actor may see."""
    permission: DottedSlug
    """Who holds it is searched for."""
    icon: str = ""
    """An outline icon of @tabler/icons; if empty, the package's."""


class Askable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Features of a package that questions across layers may be about."""

    offer: Slug
    """A function of the package's `views`: (actor) → what may be asked of, with its attributes."""
    give: Slug
    """A function of the package's `views`: (actor, name of what was offered) → the features that the actor may see."""
    permission: DottedSlug
    """Who holds it is offered them."""


class Permission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing a person or a machine may be allowed to do, and the roles that may by default."""

    id: DottedSlug
    """Package, thing and deed: `lighting.lamp.view`."""
    names: Names
    """What the deed is called where permissions are given."""
    roles: tuple[Slug, ...] = ()
    """The roles that hold it by default; nobody if empty."""


class Events(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The kernel events a package sends and listens to."""

    publishes: tuple[DottedSlug, ...] = ()
    """Events the package sends after a commit; each begins with its id."""
    consumes: tuple[DottedSlug, ...] = ()
    """Events of others it acts on."""


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long raw Observations of one ObservedProperty are kept."""

    observed_property: Text
    """The name of the ObservedProperty."""
    raw_days: Annotated[int, msgspec.Meta(gt=0)]
    """Days for which every single Observation is kept."""


class AlarmDetail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a detector tells of an alarm."""

    id: Slug
    """The key under which the detector gives the value."""
    names: Names
    """What people read beside the value."""
    unit: str = ""
    """The value's unit, as UCUM writes it."""


class ChartLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit that is drawn on an alarm's chart; it is a fixed `value`, or stands in a `property` of the Thing."""

    names: Names
    """What people read at the line."""
    value: float | None = None
    """In the Datastream's unit."""
    property: str = ""
    """A number among the Thing's properties, such as `rated_power_w`."""


class AlarmChart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Datastream of an alarm's Thing whose last 24 hours stand beside it."""

    datastream: Text
    """Its name; `{key}` stands for the alarm's own: `current {key}`."""
    limits: tuple[ChartLimit, ...] = ()
    """What is drawn across it."""


class AlarmRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of alarm a package can raise; priority 1 is urgent, 4 is low."""

    id: DottedSlug
    """Begins with the package's own id: `lighting.lamp.failed`."""
    names: Names
    """What people read in the queue of alarms; `{key}` and `{members}` stand for the alarm's own."""
    priority: Annotated[int, msgspec.Meta(ge=1, le=4)]
    """1 urgent, 2 high, 3 medium, 4 low."""
    on_delay_s: Annotated[float, msgspec.Meta(ge=0)] = 0
    """City seconds for which the condition must hold before the alarm is raised."""
    off_delay_s: Annotated[float, msgspec.Meta(ge=0)] = 0
    """City seconds for which the condition must be gone before the alarm is cleared."""
    procedure: tuple[Names, ...] = ()
    """What whoever takes it up does, step by step."""
    covers: tuple[DottedSlug, ...] = ()
    """Rules of the package whose alarms of its members a group speaks for, so that they are not shown beside it."""
    details: tuple[AlarmDetail, ...] = ()
    """What the detector tells of each alarm besides."""
    chart: AlarmChart | None = None
    """What is drawn beside an alarm of the rule."""


class ThingAction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the package on which something is done with a Thing of a kind, offered where an alarm is about one."""

    kind: Text
    """The Things' `properties.kind`."""
    path: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9/{}?=&#_-]+$")]
    """The address without the leading slash; `{thing}` stands for the Thing's id."""
    names: Names
    """What people read on the button."""
    icon: Text
    """An outline icon of @tabler/icons, by name."""
    permission: DottedSlug
    """Who holds it is offered the page, which checks the permission itself."""


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people call a Datastream of a kind of Things."""

    datastream: Text
    """The Datastream's name: `light level`."""
    names: Names
    """What people read for it."""


class ThingGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What many Things of a kind belong to, so that a search shows it before them: the street of its lamps."""

    property: Text
    """Those with the same value of this property belong together: `street`."""
    title: Text
    """The property that holds what people call it: `street_name`."""
    names: Names
    """What it is: "Lit street"."""
    path: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9/{}_-]+$")]
    """The address of its page without the leading slash; `{value}` stands for the property's value."""


class ThingKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people read of a kind of Things where Things of all kinds stand together: in a dossier, in the search."""

    kind: Text
    """The Things' `properties.kind`."""
    names: Names
    """What one of them is called."""
    permission: DottedSlug
    """Who holds it is led to its page, which checks the permission itself."""
    path: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9/{}_-]+$")]
    """The address of its page without the leading slash; `{thing}` stands for the Thing's id."""
    quantities: tuple[Quantity, ...] = ()
    """What it measures, the one that tells most first."""
    group: ThingGroup | None = None
    """What many of them belong to."""


class TimelineSeries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the operations screen's timeline: Datastreams of all Things of a kind, put together."""

    id: DottedSlug
    """Begins with the package's own id: `lighting.current`."""
    names: Names
    """What people read beside the line."""
    unit: str
    """The unit of what is drawn."""
    kind: Text
    """The Things' `properties.kind`."""
    datastreams: tuple[Text, ...]
    """The names of their Datastreams that belong to it, all of one unit."""
    gather: Literal["sum", "mean", "greatest"]
    """How many become one."""
    permission: DottedSlug
    """Who holds it sees the line."""
    form: Literal["line", "bars"] = "line"
    """How it is drawn."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a package says of itself in `manifest.toml`."""

    id: Slug
    """The folder's name: one slug for folder, address, tables, permissions and events."""
    names: Names
    """What people call the service."""
    owner: Names
    """The department that answers for the service, by its official name."""
    icon: Text
    """An outline icon of @tabler/icons, by name."""
    order: int = 100
    """Where it stands among the services; a lower number comes first."""
    layers: tuple[Layer, ...] = ()
    """What it shows on the live map."""
    pages: tuple[Page, ...] = ()
    """Its entries in the navigation."""
    has_own_addresses: bool = False
    """Whether its `urls.py` names whole addresses (`work-orders/`); else they stand below the package's id."""
    panels: tuple[Panel, ...] = ()
    """What it adds to pages of other packages."""
    finders: tuple[Finder, ...] = ()
    """What of it the search finds."""
    askable: Askable | None = None
    """What of it questions across layers may be about."""
    permissions: tuple[Permission, ...] = ()
    """All that people and machines can be allowed to do in it."""
    events: Events = Events()
    """What it tells other packages, and what it listens to."""
    retention: tuple[Retention, ...] = ()
    """How long what it measures is kept."""
    alarm_rules: tuple[AlarmRule, ...] = ()
    """The kinds of alarms it can raise."""
    actions: tuple[ThingAction, ...] = ()
    """What it lets people do with the Things it knows."""
    kinds: tuple[ThingKind, ...] = ()
    """The kinds of Things that it knows, in words."""
    timeline: tuple[TimelineSeries, ...] = ()
    """What it shows on the operations screen's timeline."""
    watches: tuple[ClassName, ...] = ()
    """Classes in the package's `jobs.py` that the worker lets look, again and again, at what has come."""
    quality: dict[Slug, str] = {}
    """Each of the house's promises as `done`, `todo` or `exempt = reason`; see the guide to the house's rules."""
    package: str = ""
    """The dotted name of the package the manifest was found in; filled by the loader, not written in the file."""


ROOT: Final = Path(__file__).parent.parent
"""The folder of the `dothi` package, in which manifests are looked for."""


def read_manifest(path: Path) -> Manifest:
    """Read and check one manifest. Raises ValueError that names the file and the place in it."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Manifest)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from error
    if found.id != path.parent.name:
        raise ValueError(f"{path}: id is {found.id!r}, but the folder is {path.parent.name!r}")
    _check_prefixes(path, found)
    _check_covers(path, found)
    package = f"dothi.{path.parent.parent.name}.{path.parent.name}"
    return msgspec.structs.replace(found, package=package)


def _check_prefixes(path: Path, manifest: Manifest) -> None:
    """See that every id that others will use begins with the package's own."""
    ids = [entry.id for group in _groups(manifest) for entry in group]
    for name in [*ids, *manifest.events.publishes]:
        if not name.startswith(f"{manifest.id}."):
            raise ValueError(f"{path}: {name!r} must begin with {manifest.id + '.'!r}")


def _groups(manifest: Manifest) -> Iterator[tuple[Layer | Permission | AlarmRule | TimelineSeries, ...]]:
    yield from (manifest.layers, manifest.permissions, manifest.alarm_rules, manifest.timeline)


def _check_covers(path: Path, manifest: Manifest) -> None:
    """See that what a rule covers is there, and is no group itself: one cause hides its effects, no chain of them."""
    rules = {rule.id: rule for rule in manifest.alarm_rules}
    for rule in manifest.alarm_rules:
        for covered in rule.covers:
            if covered not in rules or rules[covered].covers:
                raise ValueError(f"{path}: {rule.id!r} covers {covered!r}, which is no rule for a single alarm here")


def _paths(group: str) -> Iterator[Path]:
    yield from sorted((ROOT / group).glob("*/manifest.toml"))


@cache
def load_manifests() -> tuple[Manifest, ...]:
    """Read the manifests of all packages of core and domains, in the order in which people see them."""
    found = [read_manifest(path) for group in ("core", "domains") for path in _paths(group)]
    return tuple(sorted(found, key=lambda manifest: (manifest.order, manifest.id)))


def domain_manifests() -> tuple[Manifest, ...]:
    """Give the manifests of the city services alone."""
    return tuple(manifest for manifest in load_manifests() if manifest.package.startswith("dothi.domains."))


def find_kind(kind: str) -> ThingKind | None:
    """Find what a package says of a kind of Things."""
    return next((each for manifest in load_manifests() for each in manifest.kinds if each.kind == kind), None)
