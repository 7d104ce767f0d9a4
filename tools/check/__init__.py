"""The house's own rules: what ruff, import-linter, mypy and semgrep can't see, one rule per file in `rules/`."""
