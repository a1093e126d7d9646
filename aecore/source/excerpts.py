"""The lines of source code that compute a term of a loss, found in the source itself.

Nothing is declared for it, so it cannot go stale: beginning at the function that gives the term
(the variant's `terms`), it takes the term's expression, the assignments of the names in it, and so
on. An `if` that asks for a value of the config counts only with the branch that is taken. From
there it follows functions of `losses.py` and of the variant itself. The hooks that all variants
share (`encode`, `decode`, …) are named, and not followed.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from aecore import losses
from aecore.models.base import Autoencoder
from aecore.models.phases import Phase
from aecore.source.statements import (
    COMPOUND,
    Part,
    at_place,
    bound_by,
    by_name,
    lines_of,
    names_in,
    statements_taken,
    with_gradient,
)

ROOT = Path(__file__).parent.parent.parent
MOST_LEFT_OUT = 2  # lines between others that are shown although they compute something else
Function = Callable[..., Any]


@dataclass(frozen=True)
class Line:
    """A line of source code; without a number it stands for several that are left out."""

    number: int | None
    text: str
    computes: bool  # whether it computes the term


@dataclass(frozen=True)
class Excerpt:
    """A function's source, without its docstring."""

    function: str
    file: str
    lines: tuple[Line, ...]


def excerpts_of(cls: type[Autoencoder], config: Any, name: str, given_by: Any) -> list[Excerpt]:
    """The code of the term `name`, function by function; empty if the source is not there.

    given_by: the function that gives the term; None: the variant's `terms`.
    """
    reader = _Reader(cls, config)
    reader.read(given_by or cls.terms, name)
    return reader.excerpts()


def excerpts_of_sum() -> list[Excerpt]:
    """The code that puts the whole loss together."""
    reader = _Reader(Autoencoder, None)
    reader.read(Phase.loss_terms, None)
    return reader.excerpts()


@dataclass(frozen=True)
class _Source:
    node: ast.FunctionDef
    text: list[str]
    before: int  # lines of the file before `text`
    file: str

    @property
    def body(self) -> list[ast.stmt]:
        """The statements after the docstring."""
        return self.node.body[1:] if ast.get_docstring(self.node) else self.node.body


@lru_cache
def _source(function: Function) -> _Source | None:
    try:
        lines, first = inspect.getsourcelines(function)
        file = Path(inspect.getsourcefile(function) or "")
        text = textwrap.dedent("".join(lines))
        node = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    if not isinstance(node, ast.FunctionDef):
        return None
    name = file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else file.name
    return _Source(node, text.splitlines(), first - 1, name)


class _Reader:
    """Collects the lines that compute one term, function by function."""

    def __init__(self, cls: type[Autoencoder], config: Any):
        self.cls, self.config = cls, config
        self.lit: dict[Function, set[int]] = {}  # in the order of reading
        self.seen: set[tuple[Function, str | int | None]] = set()

    def read(self, function: Function, wanted: str | int | None) -> None:
        """Notes the function's lines that compute what is wanted, and follows what they call.

        wanted: a name in the dict that it returns, a place in its tuple, or None, for all.
        """
        function = _plain(function)
        source = _source(function)
        if source is None or (function, wanted) in self.seen:
            return
        self.seen.add((function, wanted))
        graded = set(with_gradient(source.node)) if wanted is None else set()
        found = list(self._values(source.node, wanted, graded))
        if not found and isinstance(wanted, str) and (above := self._above(function)):
            self.read(above, wanted)
            return
        parts = [Part(node) for node in source.body]
        if found:
            parts = self._closure(source.node, [Part(node) for node in found], graded)
        lit = self.lit.setdefault(function, set())
        for part in parts:
            lit.update(lines_of(part.node))
        for part in parts:
            for called, place in self._called(function, part):
                self.read(called, place)

    def _above(self, function: Function) -> Function | None:
        """The same method of the next class above that has it."""
        name, mro = function.__name__, self.cls.__mro__
        own = next((i for i, cls in enumerate(mro) if vars(cls).get(name) is function), len(mro))
        return next((vars(cls)[name] for cls in mro[own + 1 :] if name in vars(cls)), None)

    def _values(
        self, node: ast.FunctionDef, wanted: str | int | None, graded: set[str]
    ) -> Iterator[ast.AST]:
        """The expressions that give what is wanted; none if it is the whole function."""
        for statement, _ in statements_taken(node.body, self.config):
            if isinstance(statement, ast.FunctionDef) and statement.name in graded:
                yield from at_place(statement.body, 0)
            elif isinstance(statement, ast.Return):
                if isinstance(wanted, int):
                    yield from at_place([statement], wanted)
                elif graded and statement in node.body:
                    yield statement
            if isinstance(wanted, str) and not isinstance(statement, COMPOUND):
                yield from by_name(statement, wanted)

    def _closure(self, node: ast.FunctionDef, parts: list[Part], known: set[str]) -> list[Part]:
        """These parts, and all that the names in them were assigned from, but for the known."""
        statements = list(statements_taken(node.body, self.config))
        more = parts
        while more:
            names = set().union(*(names_in(part.node) for part in parts)) - known
            bound = [part for statement, _ in statements for part in bound_by(statement, names)]
            more = [part for part in bound if part not in parts]
            parts = parts + more
        inside = {line for part in parts for line in lines_of(part.node)}
        tests = [
            t for statement, within in statements if inside & lines_of(statement) for t in within
        ]
        return parts + [Part(test) for test in tests]

    def _called(self, function: Function, part: Part) -> Iterator[tuple[Function, int | None]]:
        """The functions to follow that are named in a part, and which place of their tuple counts.

        They are those of `losses.py`, of the function's own file, and the variant's own methods.
        """
        shared = [_plain(method) for method in vars(Autoencoder).values()]
        for each in ast.walk(part.node):
            found: Any = None
            match each:
                case ast.Attribute(value=ast.Name(id="self"), attr=name):
                    if _is_of(function, self.cls):
                        found = _plain(inspect.getattr_static(self.cls, name, None))
                case ast.Attribute(value=ast.Name(id=module), attr=name):
                    home = function.__globals__.get(module)
                    found = getattr(home, name, None) if isinstance(home, ModuleType) else None
                case ast.Name(id=name, ctx=ast.Load()):
                    found = function.__globals__.get(name)
            if not inspect.isfunction(found) or found in shared or found is function:
                continue
            homes = (losses.__name__, function.__module__)
            if found.__module__ in homes or _is_of(found, self.cls):
                whole = isinstance(part.node, ast.Call) and part.node.func is each
                yield found, part.place if whole else None

    def excerpts(self) -> list[Excerpt]:
        return [_excerpt(function, lit) for function, lit in self.lit.items()]


def _plain(method: Any) -> Any:
    return getattr(method, "__func__", method)


def _is_of(function: Function, cls: type) -> bool:
    """Whether a function is a method of the class or of one above it."""
    return any(_plain(method) is function for each in cls.__mro__ for method in vars(each).values())


def _excerpt(function: Function, lit: set[int]) -> Excerpt:
    """A function from its `def` to its last line that computes the term."""
    source = _source(function)
    assert source is not None
    head = range(source.node.lineno, source.node.body[0].lineno)
    rest = range(source.body[0].lineno, max(lit) + 1)
    lines = [Line(source.before + i, source.text[i - 1], False) for i in head]
    gap: list[Line] = []
    for i in rest:
        line = Line(source.before + i, source.text[i - 1], i in lit)
        if not line.computes:
            gap.append(line)
            continue
        if len(gap) > MOST_LEFT_OUT:
            indent = len(line.text) - len(line.text.lstrip())
            gap = [Line(None, " " * indent + "…", False)]
        lines += [*gap, line]
        gap = []
    return Excerpt(function.__qualname__, source.file, tuple(lines))
