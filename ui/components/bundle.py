"""Joins JavaScript modules into one.

Streamlit takes a component's JavaScript as one string, in which relative imports do not work. So
the modules are joined in the order of their imports, each once. They may use only a part of the
language: `import` takes names in braces from a relative path, `export` precedes a declaration, and
neither renames. Anything else is an error. So are two modules that declare the same name, because
they share one scope. Comments on lines of their own are left out, because Streamlit sends the
script with every mount.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.{1,2}/[^"]+)";[ \t]*\n', re.MULTILINE)
_EXPORTED = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_DECLARATION = re.compile(
    r"^(export )?(?:async )?(?:function\*?|class|const|let|var) +([\w$]+|[{\[])", re.MULTILINE
)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_SEVERAL = re.compile(r"^(?:export )?(?:const|let|var) [^({\[\"'`\n]*, *[\w$]+ *=.*", re.MULTILINE)
_LEFT = re.compile(r"^(?:import\b|export\b(?! default )).*", re.MULTILINE)
_COMMENTS = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.MULTILINE | re.DOTALL)


class BundleError(ValueError):
    """The modules cannot be joined."""


def bundle(*entries: Path) -> str:
    """Joins the entries and all that they import into one module.

    The module has the `export default` of its entry, if that has one.
    """
    bodies: dict[Path, str] = {}  # in the order of the joined text
    exports: dict[Path, set[str]] = {}
    homes: dict[str, Path] = {}  # top-level name -> the module that declares it

    def add(path: Path, above: tuple[Path, ...]) -> None:
        if path in above:
            raise BundleError(
                f"{_say(path)} imports itself, by way of "
                f"{' and '.join(_say(each) for each in above[above.index(path) + 1 :])}."
            )
        if path in bodies:
            return
        try:
            text = path.read_text()
        except FileNotFoundError:
            raise BundleError(
                f"{_say(path)}, imported by {_say(above[-1])}, does not exist."
                if above
                else f"{path} does not exist."
            ) from None
        for names, address in _IMPORT.findall(text):
            source = (path.parent / address).resolve()
            add(source, (*above, path))
            for name in filter(None, (name.strip() for name in names.split(","))):
                if name not in exports[source]:
                    raise BundleError(
                        f"{_say(path)} imports '{name}', which {_say(source)} does not export."
                    )
        exports[path] = set()
        for exported, name in _DECLARATION.findall(text):
            if name in "{[":
                raise BundleError(
                    f"{_say(path)} takes names out of an object at its top level; "
                    "declare them one by one."
                )
            if name in homes:
                raise BundleError(
                    f"Both {_say(homes[name])} and {_say(path)} declare '{name}'; rename one."
                )
            homes[name] = path
            if exported:
                exports[path].add(name)
        if several := _SEVERAL.search(text):
            raise BundleError(
                f"{_say(path)} declares several names at once at its top level; "
                f"declare them one by one: {several.group()}"
            )
        if _DEFAULT.search(text) and above:
            raise BundleError(
                f"{_say(path)} is imported by {_say(above[-1])}, "
                "but has an 'export default': only an entry may."
            )
        body = _EXPORTED.sub("", _IMPORT.sub("", text))
        if left := _LEFT.search(body):
            raise BundleError(
                f"{_say(path)} has a form of import or export that cannot be joined: {left.group()}"
            )
        bodies[path] = _COMMENTS.sub("", body).strip("\n")

    for entry in entries:
        add(entry.resolve(), ())
    return "".join(f"// {_say(path)}\n{body}\n" for path, body in bodies.items())


def _say(path: Path) -> str:
    """A module's folder and name."""
    return f"{path.parent.name}/{path.name}"
