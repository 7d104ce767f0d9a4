"""The words of DCAT-AP 3 that the catalogue uses, and the registers whose concepts it names."""

from collections.abc import Mapping
from typing import Any, Final

from dothi.core.places.layers.types import Role, Visibility

EU: Final = "http://publications.europa.eu/resource/authority/"
INSPIRE: Final = "http://inspire.ec.europa.eu/theme/"
MEDIA: Final = "https://www.iana.org/assignments/media-types/"
CRS: Final = "http://www.opengis.net/def/crs/EPSG/0/"
FEATURES_API: Final = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
DCAT_AP: Final = "http://data.europa.eu/r5r/"
_LINK: Final = {"@type": "@id"}

CONTEXT: Final[Mapping[str, Any]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{
        name: {"@id": name, **_LINK}
        for name in (
            "dcat:accessURL",
            "dcat:downloadURL",
            "dcat:endpointURL",
            "dcat:endpointDescription",
            "dcat:landingPage",
            "dcat:mediaType",
            "dcat:servesDataset",
            "dcat:theme",
            "dcat:accessService",
            "dct:accessRights",
            "dct:conformsTo",
            "dct:format",
            "dct:language",
            "foaf:homepage",
        )
    },
    **{name: {"@id": name, "@type": "xsd:dateTime"} for name in ("dct:issued", "dct:modified")},
    "dcat:bbox": {"@id": "dcat:bbox", "@type": "geosparql:wktLiteral"},
}
LANGUAGES: Final = {"vi": f"{EU}language/VIE", "en": f"{EU}language/ENG"}
RIGHTS: Final[Mapping[Visibility, str]] = {
    Visibility.PUBLIC: f"{EU}access-right/PUBLIC",
    Visibility.INTERNAL: f"{EU}access-right/NON_PUBLIC",
    Visibility.RESTRICTED: f"{EU}access-right/RESTRICTED",
}
FILE_TYPES: Final = {"gpkg": f"{EU}file-type/GPKG", "csv": f"{EU}file-type/CSV"}
"""Of GeoParquet the media type alone is told."""
THEMES: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.PARCELS: (f"{EU}data-theme/REGI", f"{INSPIRE}cp"),
    Role.ZONING: (f"{EU}data-theme/REGI", f"{INSPIRE}lu"),
    Role.BUILDINGS: (f"{EU}data-theme/REGI", f"{INSPIRE}bu"),
    Role.ROADS: (f"{EU}data-theme/TRAN", f"{INSPIRE}tn"),
    Role.WATER: (f"{EU}data-theme/ENVI", f"{INSPIRE}hy"),
    Role.UTILITIES: (f"{EU}data-theme/REGI", f"{INSPIRE}us"),
    Role.LAND_COVER: (f"{EU}data-theme/ENVI", f"{INSPIRE}lc"),
    Role.FACILITIES: (f"{EU}data-theme/GOVE", f"{INSPIRE}us"),
    Role.BOUNDARIES: (f"{EU}data-theme/GOVE", f"{INSPIRE}au"),
    Role.OTHER: (f"{EU}data-theme/REGI",),
}
KEYWORDS: Final[Mapping[Role, tuple[str, str]]] = {
    Role.PARCELS: ("thửa đất", "parcels"),
    Role.ZONING: ("quy hoạch", "zoning"),
    Role.BUILDINGS: ("công trình xây dựng", "buildings"),
    Role.ROADS: ("đường giao thông", "roads"),
    Role.WATER: ("mặt nước", "water"),
    Role.UTILITIES: ("hạ tầng kỹ thuật", "utilities"),
    Role.LAND_COVER: ("lớp phủ mặt đất", "land cover"),
    Role.FACILITIES: ("công trình công cộng", "public facilities"),
    Role.BOUNDARIES: ("địa giới", "boundaries"),
    Role.OTHER: ("dữ liệu không gian", "spatial data"),
}
