"""What people read as an alarm's title."""


def title_of(name: str, *, key: str, members: str) -> str:
    """Fill a rule's name: `{key}` and `{members}` (a count as people write it) stand where the name wants them.

    A key that the name leaves out follows it: two phases of a cabinet are never called the same.
    """
    title = name.replace("{key}", key).replace("{members}", members)
    return f"{title} · {key}" if key and "{key}" not in name else title
