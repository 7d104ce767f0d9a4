"""A manifest that says something wrong is refused, and the message says where."""

from pathlib import Path

import pytest

from dothi.kernel.manifest import domain_manifests, load_manifests, read_manifest

GOOD = """
id = "waste"
names = { vi = "Rác thải", en = "Waste" }
owner = { vi = "Trung tâm", en = "Centre" }
icon = "trash"
[[permissions]]
id = "waste.bin.view"
names = { vi = "Xem", en = "View" }
roles = ["viewer"]
"""
GROUP = """
[[alarm_rules]]
id = "waste.bin.full"
names = { vi = "Thùng đầy", en = "Bin full" }
priority = 4
on_delay_s = 600
procedure = [{ vi = "Đổ thùng", en = "Empty it" }]
details = [{ id = "level_percent", names = { vi = "Mức đầy", en = "Level" }, unit = "%" }]
[[alarm_rules]]
id = "waste.street.full"
names = { vi = "Đường đầy", en = "Street full" }
priority = 3
covers = ["waste.bin.full"]
"""


def written(folder: Path, text: str, name: str = "waste") -> Path:
    path = folder / "domains" / name / "manifest.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return path


def test_a_manifest_is_read(tmp_path: Path) -> None:
    found = read_manifest(written(tmp_path, GOOD))
    assert (found.id, found.names.of("vi"), found.names.of("fr")) == ("waste", "Rác thải", "Waste")
    assert found.package == "dothi.domains.waste"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('vi = "Rác thải", ', ""), "vi"),
        (('id = "waste"', 'id = "Waste"'), "id"),
        (('icon = "trash"', 'icon = "trash"\ncolour = "red"'), "colour"),
        (('"waste.bin.view"', '"water.bin.view"'), "must begin with"),
        (("[[permissions]]", "[[permissions"), "manifest.toml"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_place(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(ValueError, match=says):
        read_manifest(path)


def test_an_alarm_rule_is_read_with_what_it_covers(tmp_path: Path) -> None:
    single, group = read_manifest(written(tmp_path, GOOD + GROUP)).alarm_rules
    assert (single.on_delay_s, single.off_delay_s, single.procedure[0].en) == (600, 0, "Empty it")
    assert (single.details[0].unit, group.covers) == ("%", ("waste.bin.full",))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('covers = ["waste.bin.full"]', 'covers = ["waste.bin.lost"]'), "waste.bin.lost"),
        (('covers = ["waste.bin.full"]', 'covers = ["waste.street.full"]'), "no rule for a single alarm"),
        (("priority = 4", "priority = 5"), "priority"),
        (("on_delay_s = 600", "on_delay_s = -1"), "on_delay_s"),
    ],
)
def test_a_wrong_alarm_rule_is_refused(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    path = written(tmp_path, GOOD + GROUP.replace(*change))
    with pytest.raises(ValueError, match=says):
        read_manifest(path)


def test_a_manifest_names_its_own_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="folder"):
        read_manifest(written(tmp_path, GOOD, name="water"))


def test_the_packages_own_manifests_are_read_in_order() -> None:
    found = load_manifests()
    assert [manifest.order for manifest in found] == sorted(manifest.order for manifest in found)
    assert {"observations", "live", "accounts", "audit"} <= {manifest.id for manifest in found}
    assert [manifest for manifest in found if manifest.package.startswith("dothi.domains.")] == list(domain_manifests())
