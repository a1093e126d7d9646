"""Words on a page that came from outside."""


def plain(text: str) -> str:
    """Words that came from outside (a name, an address, an error that quotes them), with Markdown's signs taken literally."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-!|~$:<>" else c for c in text)
