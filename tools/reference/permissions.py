"""The reference page of core's permissions, made from the manifests; a domain's stand on the domain's own page."""

from collections.abc import Iterator

from dothi.kernel.manifest import Manifest, load_manifests
from tools.reference.table import code, table

TITLE = "Permissions"
INTRODUCTION = (
    "What a person or a machine key may be allowed to do, and the roles that may by default. Whatever is not allowed "
    "is refused. These are the permissions of the core; those of a city service stand on its own page."
)


def core_manifests() -> list[Manifest]:
    """Give the manifests of the packages in core."""
    return [manifest for manifest in load_manifests() if manifest.package.startswith("dothi.core.")]


def body() -> str:
    """Write a table for each package of core that has permissions."""
    return "\n".join(_section(manifest) for manifest in core_manifests() if manifest.permissions)


def faults() -> Iterator[str]:
    """A permission without a name does not pass the manifest's own check, so there is nothing to find here."""
    yield from ()


def permission_table(manifest: Manifest) -> str:
    """Write the permissions of one package, as its own page carries them."""
    rows = [
        [code(each.id), each.names.vi, each.names.en, ", ".join(each.roles) or "nobody"]
        for each in manifest.permissions
    ]
    return table(["Permission", "Tiếng Việt", "English", "Roles"], rows)


def _section(manifest: Manifest) -> str:
    return f"## {manifest.names.en} · {manifest.names.vi}\n\n{permission_table(manifest)}"
