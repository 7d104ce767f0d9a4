"""No text of a template stands outside {% translate %} and {% blocktranslate %}, nor do attributes that people read."""

import re
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.markup import bare_texts
from tools.check.tree import Tree, is_test

COMMENTS = re.compile(r"{#.*?#}|{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"{%-?\s*block(?:trans|translate)\b.*?%}.*?{%\s*endblock(?:trans|translate)\s*%}", re.DOTALL)
IN_ATTRIBUTE = re.compile(r"""=\s*["'][^"'<>]*{%\s*block\s+(\w+)""")
BLOCK = r"{{%\s*block\s+{name}\s*%}}.*?{{%\s*endblock\b.*?%}}"
TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)


def check(tree: Tree) -> Iterator[Finding]:
    """Find bare text in templates; HTML's own translate="no" marks what must stay as it is."""
    templates = [path for path in tree.files(".html", under="src/dothi") if not is_test(path)]
    silent_blocks = {name for path in templates for name in IN_ATTRIBUTE.findall(tree.text(path))}
    for path in templates:
        for line, text in bare_texts(_blank(tree.text(path), silent_blocks)):
            yield Finding(tree.name(path), line, f"{text!r} is not marked for translation")


def _blank(text: str, silent_blocks: set[str]) -> str:
    """Replace what Django reads by nothing, line breaks kept so that lines still count.

    A block that stands in an attribute of the base template (a class, a theme) holds no words either.
    """
    blocks = [re.compile(BLOCK.format(name=name), re.DOTALL) for name in sorted(silent_blocks)]
    for pattern in (COMMENTS, TRANSLATED, *blocks, TAGS):
        text = pattern.sub(lambda match: "\n" * match.group().count("\n"), text)
    return text
