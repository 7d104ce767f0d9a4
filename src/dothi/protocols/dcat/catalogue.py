"""Writes layers as a catalogue of DCAT-AP 3 in JSON-LD; what a property is for is said by that profile."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dothi.core.places.layers.types import Bounds, Layer, Revision
from dothi.core.places.serving.types import Shown
from dothi.kernel.city import City
from dothi.kernel.manifest import Names
from dothi.protocols.dcat import terms

WGS84: Final = "4326"
FULL_FORM: Final = "gpkg"
"""The form that is listed in every reference system; the others in WGS 84."""

Node = dict[str, Any]


class Catalogue:
    """Writes the catalogue of one site; `root` is its address, without a slash at its end."""

    def __init__(
        self, root: str, city: City, *, formats: Mapping[str, str], systems: Mapping[str, str], address: str
    ) -> None:
        """`formats` are media types by ending and `systems` reference systems by name, as layers are written in."""
        self._root, self._city, self._address = root, city, address
        self._formats, self._systems = formats, systems
        self._service = f"{root}/features/#service"

    def write(self, shown: Sequence[Shown], revisions: Mapping[int, Revision]) -> Node:
        """Give the catalogue of published layers; `revisions` are those shown, by the layers' ids."""
        datasets = [self._dataset(each, revisions[each.layer.id]) for each in shown if each.layer.id in revisions]
        city = self._city.names
        changed = [revision.published_at for revision in revisions.values() if revision.published_at]
        told: Node = {
            "@context": terms.CONTEXT,
            "@id": self._address,
            "@type": "dcat:Catalog",
            "dct:title": self._texts(Names(vi=f"Các lớp dữ liệu của {city.vi}", en=f"Layers of {city.en}")),
            "dct:description": self._texts(
                Names(
                    vi=f"Dữ liệu không gian mà các đơn vị của {city.vi} quản lý, theo phiên bản đã công bố.",
                    en=f"Spatial data that departments of {city.en} keep, as of the revisions that are published.",
                )
            ),
            "dct:publisher": self._publisher(""),
            "dct:language": self._languages(),
            "dct:conformsTo": terms.DCAT_AP,
            "foaf:homepage": f"{self._root}/places/layers/",
            "dct:spatial": _location(self._city.bounds),
            "dcat:service": [self._features([each["@id"] for each in datasets])],
            "dcat:dataset": datasets,
        }
        if changed:
            told["dct:modified"] = max(changed).isoformat()
        return told

    def _dataset(self, shown: Shown, revision: Revision) -> Node:
        layer, bounds = shown
        page = f"{self._root}/places/layers/{layer.slug}/"
        vi, en = terms.KEYWORDS[layer.role]
        told: Node = {
            "@id": f"{page}#dataset",
            "@type": "dcat:Dataset",
            "dct:identifier": layer.slug,
            "dct:title": self._texts(layer.names),
            "dct:description": self._description(layer, vi, en),
            "dcat:keyword": self._texts(Names(vi=vi, en=en)),
            "dcat:theme": list(terms.THEMES[layer.role]),
            "dct:publisher": self._publisher(layer.owner),
            "dct:accessRights": terms.RIGHTS[layer.visibility],
            "dct:language": self._languages(),
            "dct:issued": layer.created_at.isoformat(),
            "dct:modified": (revision.published_at or revision.made_at).isoformat(),
            "dcat:version": str(revision.number),
            "dcat:landingPage": page,
            "dct:conformsTo": f"{terms.CRS}{WGS84}",
            "dcat:distribution": self._distributions(layer, revision),
        }
        if bounds:
            told["dct:spatial"] = _location(bounds)
        accuracy = "" if revision.accuracy_m is None else f"± {revision.accuracy_m:g} m"
        origin = ", ".join(each for each in (revision.source, revision.crs[:80], accuracy) if each)
        told["dct:provenance"] = {"@type": "dct:ProvenanceStatement", "rdfs:label": origin}
        return told

    def _distributions(self, layer: Layer, revision: Revision) -> list[Node]:
        licence = revision.licence or layer.licence
        shared = {"dct:license": {"@type": "dct:LicenseDocument", "rdfs:label": licence}} if licence else {}
        items = f"{self._root}/features/collections/{layer.slug}"
        found: list[Node] = [
            {
                "@id": f"{items}#distribution",
                "@type": "dcat:Distribution",
                "dct:title": self._texts(Names(vi="OGC API Features", en="OGC API Features")),
                "dcat:accessURL": items,
                "dcat:accessService": self._service,
                "dcat:mediaType": f"{terms.MEDIA}application/geo+json",
                "dct:conformsTo": f"{terms.CRS}{WGS84}",
                **shared,
            }
        ]
        for form, media in self._formats.items():
            for system in self._systems if form == FULL_FORM else (WGS84,):
                found.append(self._file(layer, revision, form, media, system) | shared)
        return found

    def _file(self, layer: Layer, revision: Revision, form: str, media: str, system: str) -> Node:
        folder = f"{self._root}/places/layers/{layer.slug}/revisions/{revision.number}/download/{form}/"
        address = folder if system == WGS84 else f"{folder}?crs={system}"
        told: Node = {
            "@id": f"{address}#distribution",
            "@type": "dcat:Distribution",
            "dct:title": self._texts(
                Names(vi=f"{form}, {self._systems[system]}", en=f"{form}, {self._systems[system]}")
            ),
            "dcat:accessURL": address,
            "dcat:downloadURL": address,
            "dcat:mediaType": f"{terms.MEDIA}{media.split(';')[0]}",
            "dct:conformsTo": f"{terms.CRS}{system}",
        }
        if form in terms.FILE_TYPES:
            told["dct:format"] = terms.FILE_TYPES[form]
        return told

    def _features(self, datasets: list[str]) -> Node:
        return {
            "@id": self._service,
            "@type": "dcat:DataService",
            "dct:title": self._texts(
                Names(vi="Các lớp dữ liệu qua OGC API Features", en="The layers by OGC API Features")
            ),
            "dcat:endpointURL": f"{self._root}/features/",
            "dcat:endpointDescription": f"{self._root}/features/api",
            "dct:conformsTo": terms.FEATURES_API,
            "dcat:servesDataset": datasets,
        }

    def _publisher(self, owner: str) -> Node:
        """Name who answers for it: a department by its code, else the city."""
        names = self._city.names
        title = Names(vi=f"{names.vi}: {owner}", en=f"{names.en}: {owner}") if owner else names
        return {"@type": "foaf:Agent", "foaf:name": self._texts(title)}

    def _languages(self) -> list[str]:
        return [terms.LANGUAGES[each] for each in self._city.languages if each in terms.LANGUAGES]

    def _texts(self, names: Names) -> list[Node]:
        """Give names in the city's languages, the only ones its pages have."""
        return [{"@language": each, "@value": names.of(each)} for each in self._city.languages]

    def _description(self, layer: Layer, vi: str, en: str) -> list[Node]:
        """Give what its owner says of a layer, in the city's first language; else what it is for."""
        if layer.description:
            return [{"@language": self._city.languages[0], "@value": layer.description}]
        return self._texts(Names(vi=f"{layer.names.vi} ({vi})", en=f"{layer.names.en} ({en})"))


def _location(bounds: Bounds) -> Node:
    west, south, east, north = bounds
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return {"@type": "dct:Location", "dcat:bbox": f"POLYGON(({ring}))"}
