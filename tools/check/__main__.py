"""Runs the house rules over the project and says each breach on a line of its own: `python -m tools.check`."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.check import rules
from tools.check.finding import Finding
from tools.check.tree import Tree

Rule = Callable[[Tree], Iterable[Finding]]
ROOT = Path.cwd()


def load_rules() -> dict[str, Rule]:
    """Find every module of `rules/`; the rule's name is the module's, with dashes."""
    names = sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
    return {name.replace("_", "-"): importlib.import_module(f"{rules.__name__}.{name}").check for name in names}


def main() -> int:
    """Run all rules, or those named by --only. Returns 1 when one is broken."""
    known = load_rules()
    parser = argparse.ArgumentParser(prog="tools.check", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(known), metavar="RULE", help="run this rule alone")
    parser.add_argument("--list", action="store_true", help="name the rules and stop")
    options = parser.parse_args()
    if options.list:
        print("\n".join(known))
        return 0
    tree = Tree(ROOT)
    count = 0
    for name in options.only or known:
        for finding in sorted(known[name](tree)):
            count += 1
            print(f"{finding.path}:{finding.line}: {name}: {finding.message}")
    if count:
        print(f"{count} breach{'' if count == 1 else 'es'} of the house rules", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
