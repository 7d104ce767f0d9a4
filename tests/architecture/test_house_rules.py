"""Each house rule catches what it forbids, and leaves alone what is just allowed."""

from pathlib import Path

import pytest

from tests.architecture.workbench import house_rule, write

LIGHT = "src/dothi/domains/light"
MANIFEST = f"{LIGHT}/manifest.toml"
CATALOGUE = f"{LIGHT}/locale/vi/LC_MESSAGES/django.po"
PAGE = f"{LIGHT}/templates/light/page.html"
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
NAMES = 'names = { vi = "Đèn", en = "Lamps" }\n'
CODE = '"""What it is for."""\n'
MODEL = CODE + "from django.db import models\n\n\nclass Lamp(models.Model):\n"
OWN_KEY = '    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+")\n'


def function(lines: int) -> str:
    """Write a function of so many lines."""
    return CODE + "def f() -> None:\n" + "    print()\n" * (lines - 1)


def shape(*, without: str = "", extra: str = "") -> dict[str, str]:
    """Write a domain of the full shape, but for one part, with one more."""
    names = ("README.md", "manifest.toml", "__init__.py", "apps.py", "types.py", "rules.py", "service.py")
    parts = {f"{LIGHT}/{name}": "" for name in (*names, "tests/test_rules.py", extra) if name and name != without}
    return parts


def quality(**marks: str) -> str:
    """Write a manifest that marks every promise, as done where nothing else is said."""
    promises = (
        "owner_named stale_feed_shown ingest_idempotent permissions_tested query_budgets both_languages"
        " fixtures_recorded detectors_scored indicators_traced docs_page"
    )
    given = dict.fromkeys(promises.split(), "todo") | marks
    lines = "".join(f'{name} = "{mark}"\n' for name, mark in given.items() if mark)
    return f'id = "light"\n{NAMES}owner = {{ vi = "Sở", en = "Department" }}\n[quality]\n{lines}'


Files = dict[str, str]
# rule, a tree that is just allowed, what is changed in it, what is said of that
CASES: list[tuple[str, Files, Files, str]] = [
    ("file-length", {"src/a.py": "x = 1\n" * 400}, {"src/a.py": "x = 1\n" * 401}, "file-length: 401 lines"),
    ("file-length", {"frontend/src/a.ts": "\n" * 400}, {"frontend/src/a.ts": "\n" * 401}, "frontend/src/a.ts:401:"),
    ("file-length", {PAGE: "\n" * 400}, {PAGE: "\n" * 401}, f"{PAGE}:401:"),
    ("function-length", {"src/a.py": function(40)}, {"src/a.py": function(41)}, "f has 41 lines"),
    ("module-names", {"src/dothi/core/clock.py": CODE}, {"src/dothi/core/utils.py": CODE}, "'utils.py' says nothing"),
    ("module-names", {}, {"src/dothi/helpers/dates.py": CODE}, "'helpers' says nothing"),
    ("module-names", {}, {"frontend/src/lib/dates.ts": "// Dates."}, "'lib' says nothing"),
    ("module-docstring", {"src/a.py": CODE + "x = 1\n"}, {"src/a.py": "x = 1\n"}, "has no docstring"),
    ("module-docstring", {"src/a.py": ""}, {"src/a.py": '"""One. And two."""\n'}, "more than one sentence"),
    ("kernel-imports", {"src/dothi/kernel/a.py": "import json, msgspec\nfrom dothi.kernel import b\n"},
     {"src/dothi/kernel/a.py": "import django\n"}, "the kernel imports django"),
    ("kernel-imports", {}, {"src/dothi/kernel/a.py": "from numpy import array\n"}, "the kernel imports numpy"),
    ("lock-hosts", {"requirements.lock": "a==1\n"},
     {"requirements.lock": "--index-url https://registry.example/simple\na==1\n"}, "requirements.lock:1: lock-hosts"),
    ("lock-hosts", {"package-lock.json": '{"funding": {"url": "https://give.example"}}'},
     {"package-lock.json": '{"resolved": "https://registry.example/a.tgz"}'}, "package-lock.json:1:"),
    ("lock-hosts", {}, {"uv.lock": "version = 1\n"}, "this kind of lock file records addresses"),
    ("machine-paths", {"docs/a.md": "in ~/city and /var/lib/dothi"},
     {"docs/a.md": "in /" + "home/an/city"}, "docs/a.md:1:"),
    ("environment-reads", {"src/dothi/config/environment.py": "import os\nx = os.environ\n"},
     {"src/dothi/web/a.py": "import os\nx = os.environ['HOME']\n"}, "src/dothi/web/a.py:2: environment-reads"),
    ("environment-reads", {}, {"src/dothi/web/a.py": "from os import getenv\n"}, "take the setting from"),
    ("sleeping-tests", {"tests/test_a.py": "while not ready():\n    time.sleep(0.05)\n"},
     {"tests/test_a.py": "time.sleep(2)\n"}, "tests/test_a.py:1: sleeping-tests: wait on a condition"),
    ("package-shape", shape(), shape(extra="cache.py"), "cache.py is no part of a domain"),
    ("package-shape", {}, {f"{LIGHT}/service.py": CODE}, "manifest.toml is missing"),
    ("package-shape", shape(without="rules.py", extra="rules/__init__.py"), shape(extra="stock.py"), "stock.py is no"),
    ("package-shape", {}, {"src/dothi/core/places/deep/a.py": CODE}, "__init__.py is missing"),
    ("crossed-keys", {f"{LIGHT}/models.py": MODEL + OWN_KEY},
     {f"{LIGHT}/models.py": MODEL + OWN_KEY.replace(', related_name="+"', "")}, "leads into another package and back"),
    ("crossed-keys", {f"{LIGHT}/models.py": MODEL + OWN_KEY, f"{LIGHT}/store.py": CODE + "x = lamp.area_id\n"},
     {f"{LIGHT}/store.py": CODE + "x = lamp.area.name\n"}, "store.py:2: crossed-keys: area is followed"),
    ("crossed-keys", {f"{LIGHT}/models.py": MODEL + OWN_KEY, f"{LIGHT}/store.py": CODE + "q.filter(area_id=1)\n"},
     {f"{LIGHT}/store.py": CODE + "q.filter(area__name='x')\n"}, "area is followed"),
    ("crossed-keys", {f"{LIGHT}/models.py": MODEL + OWN_KEY, f"{LIGHT}/store.py": CODE + "q.values('area')\n"},
     {f"{LIGHT}/store.py": CODE + "q.select_related('area')\n"}, "area is followed"),
    ("untranslated-templates", {PAGE: '{% translate "Lamps" %} {# note #} <code>curl</code> 5 W'},
     {PAGE: "<p>Lamps</p>"}, "'Lamps' is not marked"),
    ("untranslated-templates", {PAGE: '<img alt="{{ name }}">'}, {PAGE: '<img alt="A lamp">'}, "'A lamp' is"),
    ("untranslated-templates", {PAGE: '<b translate="no">Kaze</b>'}, {PAGE: "\n<b>Kaze</b>"}, f"{PAGE}:2:"),
    ("untranslated-code", {f"{LIGHT}/views.py": "HttpResponse(_('Gone'))\n"},
     {f"{LIGHT}/views.py": "HttpResponse('Gone')\n"}, "'Gone' is shown to people"),
    ("untranslated-code", {f"{LIGHT}/forms.py": "CharField(label=_('Name'))\n"},
     {f"{LIGHT}/forms.py": "CharField(label=f'Name {x}')\n"}, "is shown to people"),
    ("untranslated-scripts", {"frontend/src/a.ts": "el.textContent = words.gone;"},
     {"frontend/src/a.ts": 'el.textContent = "Gone";'}, "'Gone' is shown to people"),
    ("untranslated-scripts", {"frontend/src/a.ts": 'el.title = `${hours}:${minutes}`;'},
     {"frontend/src/a.ts": 'el.setAttribute("aria-label", "Close it");'}, "'Close it' is shown"),
    ("untranslated-scripts", {"frontend/src/a.ts": "html`<p class=${c}>${w.gone} ${n ? html`<b>${n}</b> W` : 0}</p>`;"},
     {"frontend/src/a.ts": "\nhtml`<p>${n}\n lamps</p>`;"}, "a.ts:2: untranslated-scripts: '0 lamps'"),
    ("untranslated-scripts", {"frontend/src/a.ts": "html`<button title=${words.close}></button>`;"},
     {"frontend/src/a.ts": 'html`<button title="Close"></button>`;'}, "'Close' is shown"),
    ("untranslated-manifests", {MANIFEST: NAMES},
     {MANIFEST: 'names = { vi = "Đèn" }\n'}, "manifest has no name in 'en'"),
    ("untranslated-manifests", {MANIFEST: f'{NAMES}[[pages]]\npath = "light/"\n{NAMES}'},
     {MANIFEST: f'{NAMES}[[pages]]\npath = "light/"\n'}, "manifest › pages › light/ has no name in 'vi'"),
    ("untranslated-catalogue", {PAGE: "{% load i18n %}"}, {PAGE: '{% load i18n %}{% translate "Lamps" %}'},
     "'Lamps' is not in src/dothi/domains/light/locale/vi"),
    ("untranslated-catalogue",
     {f"{LIGHT}/views.py": "_('Gone')\n", CATALOGUE: HEADER + 'msgid "Gone"\nmsgstr "Đã hết"\n'},
     {CATALOGUE: HEADER + 'msgid "Gone"\nmsgstr ""\n'}, "'Gone' has no translation"),
    ("untranslated-catalogue",
     {f"{LIGHT}/views.py": "_('Gone')\n", CATALOGUE: HEADER + 'msgid "Gone"\nmsgstr "Đã hết"\n'},
     {CATALOGUE: HEADER + '#, fuzzy\nmsgid "Gone"\nmsgstr "Đã hết"\n'}, "'Gone' is marked fuzzy"),
    ("untranslated-catalogue",
     {f"{LIGHT}/views.py": "_('Gone')\n", CATALOGUE: HEADER + 'msgid "Gone"\nmsgstr "Đã hết"\n'},
     {f"{LIGHT}/views.py": "x = 1\n"}, "'Gone' is no longer in the code"),
    ("quality-marks", {MANIFEST: quality()}, {MANIFEST: quality(docs_page="")}, "docs_page: is not marked"),
    ("quality-marks", {MANIFEST: quality(docs_page="exempt = internal")}, {MANIFEST: quality(docs_page="exempt")},
     "must be done, todo or 'exempt = reason'"),
    ("quality-marks", {MANIFEST: quality()}, {MANIFEST: quality(shiny="done")}, "shiny: is none of the house's"),
    ("quality-marks", {MANIFEST: quality(docs_page="done"), f"{LIGHT}/README.md": "# Light\n"},
     {f"{LIGHT}/README.md": ""}, "docs_page: README.md is missing"),
    ("quality-marks",
     {MANIFEST: quality(query_budgets="done"), f"{LIGHT}/tests/test_a.py": "with django_assert_num_queries(1): pass\n"},
     {f"{LIGHT}/tests/test_a.py": "pass\n"}, "query_budgets: no test counts queries"),
    ("quality-marks",
     {MANIFEST: quality(permissions_tested="done") + '[[permissions]]\nid = "light.lamp.view"\n',
      f"{LIGHT}/tests/test_a.py": "# light.lamp.view\n"},
     {f"{LIGHT}/tests/test_a.py": "pass\n"}, "permissions_tested: no test names light.lamp.view"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "allowed", "change", "said"), CASES, ids=[f"{case[0]}: {case[3]}" for case in CASES])
def test_a_breach_is_caught_and_what_is_just_allowed_is_not(
    tmp_path: Path, rule: str, allowed: Files, change: Files, said: str
) -> None:
    write(tmp_path, allowed)
    before = house_rule(rule, root=tmp_path)
    assert (before.code, before.text) == (0, "")
    write(tmp_path, change)
    after = house_rule(rule, root=tmp_path)
    assert after.code == 1
    assert said in after.text


def test_every_house_rule_is_tried() -> None:
    rules = Path(__file__).parents[2] / "tools" / "check" / "rules"
    names = {path.stem.replace("_", "-") for path in rules.glob("*.py") if path.stem != "__init__"}
    assert names - {case[0] for case in CASES} == {"documented"}  # which has a file of tests of its own


def test_every_rule_and_pattern_is_told_in_the_guide() -> None:
    root = Path(__file__).parents[2]
    guide = (root / "docs" / "guides" / "house-rules.md").read_text("utf-8")
    rules = [path.stem.replace("_", "-") for path in (root / "tools" / "check" / "rules").glob("[a-z]*.py")]
    patterns = [line.split(": ")[1] for path in (root / "tools/check/semgrep").glob("*.yaml")
                for line in path.read_text("utf-8").splitlines() if "- id: " in line]  # fmt: skip
    told = [name for name in rules + patterns if f"**{name}**" in guide or f"**-{name.partition('-')[2]}**" in guide]
    assert sorted(told) == sorted(rules + patterns)
