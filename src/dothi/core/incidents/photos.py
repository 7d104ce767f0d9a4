"""Photos as they come from phones: looked at, made anew without anything that was hidden in them, and kept by hash."""

import hashlib
import io
import os
import secrets
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from dothi.core.incidents.types import Photo, Picture
from dothi.kernel.errors import InvalidInput, TooLarge

FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF")
"""What is opened; others, such as HEIC, are refused."""
MOST_BYTES: Final = 20_000_000
MOST_PIXELS: Final = 80_000_000
LONGEST_SIDE: Final = 2048
SMALL_SIDE: Final = 360
QUALITY: Final = 82
_DAMAGED: Final = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, struct.error)
"""What the decoders raise at files that are not whole."""
_GPS: Final = 0x8825
_LATITUDE: Final = (1, 2)
_LONGITUDE: Final = (3, 4)


def take_in(picture: Picture, *, folder: Path) -> Photo:
    """Keep a photo below a folder, as JPEG of at most 2048 pixels a side, with a small one beside it.

    Only pixels are kept: no camera, no time, no preview, and the place only where that is wanted. The same picture
    twice is one file. Raises TooLarge, InvalidInput for what is no photo that can be opened, OSError for a full disk.
    """
    if len(picture.content) > MOST_BYTES:
        raise TooLarge(f"a photo has at most {MOST_BYTES // 1_000_000} MB", place="photo")
    image, place = _open(picture.content)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    content = _encode(image)
    digest = hashlib.sha256(content).hexdigest()
    width, height = image.size
    image.thumbnail((SMALL_SIDE, SMALL_SIDE))
    _keep(file_of(folder, digest, small=True), _encode(image))
    _keep(file_of(folder, digest), content)
    lon, lat = place if place is not None and picture.keeps_place else (None, None)
    return Photo(digest=digest, width=width, height=height, lon=lon, lat=lat)


def file_of(folder: Path, digest: str, *, small: bool = False) -> Path:
    """Say where a photo lies below a folder."""
    return folder / "photos" / digest[:2] / f"{digest}{'.small' if small else ''}.jpg"


def _open(content: bytes) -> tuple[Image.Image, tuple[float, float] | None]:
    """Give upright pixels in RGB, and the place (lon, lat) that the file tells, if it does."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise TooLarge(f"a photo has at most {MOST_PIXELS // 1_000_000} million pixels", place="photo")
            place = _place_of(image.getexif().get_ifd(_GPS))
            return _flat(ImageOps.exif_transpose(image)), place
    except UnidentifiedImageError as error:
        raise InvalidInput("this is no JPEG, PNG, WebP or AVIF photo", place="photo") from error
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise InvalidInput("the photo is damaged", place="photo") from error


def _flat(image: Image.Image) -> Image.Image:
    """Lay what is transparent on white: JPEG knows no transparency."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        above = image.convert("RGBA")
        below = Image.new("RGBA", above.size, "white")
        return Image.alpha_composite(below, above).convert("RGB")
    return image.convert("RGB")


def _encode(image: Image.Image) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", image.size, image.tobytes()).save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _keep(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    if file.exists():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _place_of(gps: Mapping[int, object]) -> tuple[float, float] | None:
    """Read the place of Exif's GPS tags (Exif 2.32, 4.6.6), degrees WGS 84; None where they make none."""
    lat, lon = _degrees(gps, _LATITUDE, "S"), _degrees(gps, _LONGITUDE, "W")
    is_place = lat is not None and lon is not None and abs(lat) <= 90 and abs(lon) <= 180
    return (lon, lat) if is_place and lon is not None and lat is not None else None


def _degrees(gps: Mapping[int, object], tags: tuple[int, int], negative: str) -> float | None:
    side, parts = gps.get(tags[0]), gps.get(tags[1])
    if not isinstance(side, str) or not isinstance(parts, tuple) or len(parts) != 3:
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if value != value:  # 0/0 reads as not a number
        return None
    return round(-value if side.upper().startswith(negative) else value, 6)
