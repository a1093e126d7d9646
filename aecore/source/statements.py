"""The statements of a function: which of them run, and which give a name its value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

COMPOUND = ast.FunctionDef | ast.With | ast.For


@dataclass(frozen=True)
class Part:
    """An expression or statement that computes the term; of a call's tuple only this place."""

    node: ast.AST
    place: int | None = None


def names_in(part: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(part) if isinstance(each, ast.Name)}


def lines_of(part: ast.AST) -> set[int]:
    first: int = part.lineno  # type: ignore[attr-defined]
    last: int = part.end_lineno  # type: ignore[attr-defined]
    return set(range(first, last + 1))


def bound_by(statement: ast.stmt, names: set[str]) -> Iterator[Part]:
    """The parts of a statement that give one of the names its value.

    Of `a, b = f(x)`, with only b wanted, it is the second place of f; of `a, b = x, y` only y.
    """
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
            wanted = [i for i, target in enumerate(targets) if names_in(target) & names]
            if isinstance(value, ast.Tuple) and len(value.elts) == len(targets):
                yield from (Part(value.elts[i]) for i in wanted)
            elif wanted:
                yield Part(value, wanted[0] if len(wanted) == 1 else None)
        case ast.Assign(targets=targets) if any(names_in(target) & names for target in targets):
            yield Part(statement)
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) if (
            names_in(target) & names
        ):
            yield Part(statement)
        case ast.FunctionDef(name=name) if name in names:
            yield Part(statement)
        case ast.For(target=target, iter=whole) if names_in(target) & names:
            yield Part(whole)
        case ast.With(items=items):
            for item in items:
                if item.optional_vars and names_in(item.optional_vars) & names:
                    yield Part(item.context_expr)


def statements_taken(
    body: list[ast.stmt], config: Any, within: tuple[ast.AST, ...] = ()
) -> Iterator[tuple[ast.stmt, tuple[ast.AST, ...]]]:
    """The statements of the branches that this config takes, each with the tests around it."""
    for statement in body:
        if isinstance(statement, ast.If):
            taken, inner = _decide(statement.test, config), (*within, statement.test)
            if taken is not False:
                yield from statements_taken(statement.body, config, inner)
            if taken is not True:
                yield from statements_taken(statement.orelse, config, inner)
            continue
        if isinstance(statement, COMPOUND):
            yield from statements_taken(statement.body, config, within)
        yield statement, within


def _decide(test: ast.expr, config: Any) -> bool | None:
    """Whether `self.config.name == value` holds; None for any other test."""
    match test:
        case ast.Compare(
            left=ast.Attribute(
                value=ast.Attribute(value=ast.Name(id="self"), attr="config"), attr=name
            ),
            ops=[ast.Eq() | ast.NotEq() as operator],
            comparators=[ast.Constant(value=value)],
        ) if hasattr(config, name):
            return bool(getattr(config, name) == value) == isinstance(operator, ast.Eq)
    return None


def with_gradient(node: ast.FunctionDef) -> Iterator[str]:
    """The inner functions that give a value and its gradient: only the value is the term."""
    for each in ast.walk(node):
        match each:
            case ast.Call(func=ast.Attribute(attr="custom_gradient"), args=[ast.Name(id=name)]):
                yield name


def at_place(body: list[ast.stmt], place: int) -> Iterator[ast.AST]:
    """What is at this place of the tuples that these statements return."""
    for each in body:
        match each:
            case ast.Return(value=ast.Tuple(elts=values)) if place < len(values):
                yield values[place]


def by_name(statement: ast.stmt, name: str) -> Iterator[ast.AST]:
    """What a statement puts into a dict by this name."""
    for each in ast.walk(statement):
        match each:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == name:
                        yield value
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=key))], value=value):
                if key == name:
                    yield value
