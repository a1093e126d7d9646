"""Modules joined into one.

Order, names, and every form that would go wrong in silence is an error.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.conftest import missing
from ui.components.bundle import BundleError, bundle

COMPONENTS = ROOT / "ui" / "components"
ENTRIES = (
    "chart/chart.js",
    "chart/ahead.js",
    "focus/focus.js",
    "live_chart/live_chart.js",
    "microscope/microscope.js",
    "network/network.js",
    "network/answers.js",
    "neurons/neurons.js",
    "pad/pad.js",
    "space/space.js",
)


def write(folder: Path, **texts: str) -> Path:
    """Files by name, `__` standing for a folder; the path of the first."""
    paths = [folder / (name.replace("__", "/") + ".js") for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return paths[0]


def run_by_deno(folder: Path, module: str, then: str) -> str:
    """What `then` prints, given the module's default export as `run`."""
    deno = shutil.which(
        "deno", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    if not deno:
        missing("deno is not installed; it is in requirements-dev.txt")
    (folder / "bundle.mjs").write_text(module)
    (folder / "main.mjs").write_text(f'import run from "./bundle.mjs";\n{then}\n')
    done = subprocess.run(
        [deno, "run", "--no-check", "--no-remote", folder / "main.mjs"],
        capture_output=True,
        text=True,
        env=os.environ | {"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_modules_come_after_what_they_import_and_each_once(tmp_path):
    entry = write(
        tmp_path,
        main__entry='import { one } from "./left.js";\n'
        'import {\n  two,\n  three,\n} from "../shared/base.js";\n\n'
        "export default function () { return one + two() + three; }\n",
        main__left='import { two } from "../shared/base.js";\nexport const one = two();\n',
        shared__base="export function two() { return 2; }\nexport let three = 3;\n",
    )
    text = bundle(entry)
    assert [line for line in text.splitlines() if line.startswith("//")] == [
        "// shared/base.js",
        "// main/left.js",
        "// main/entry.js",
    ]
    assert (
        "import" not in text and text.count("export") == 1 and "\nexport default function" in text
    )
    assert run_by_deno(tmp_path, text, "console.log(run());") == "7\n"


def test_several_entries_are_joined_and_share_what_they_import(tmp_path):
    first = write(
        tmp_path,
        a='import { c } from "./c.js";\nexport const a = c;\n',
        b='import { c } from "./c.js";\nexport const b = c;\n',
        c="export const c = 1;\n",
    )
    text = bundle(first, tmp_path / "b.js")
    assert text.count("const c = 1") == 1 and "const a" in text and "const b" in text


def test_comments_that_fill_lines_are_left_out_and_no_others(tmp_path):
    entry = write(
        tmp_path,
        a="// Says what.\n/** @type {number} */\n"
        'const a = /** @type {any} */ ("//x"); // why\n'
        "  /**\n   * @returns {number}\n   */\nfunction f() { return /* so */ 1; }\n",
    )
    assert (
        bundle(entry).split("\n", 1)[1]
        == 'const a = /** @type {any} */ ("//x"); // why\nfunction f() { return /* so */ 1; }\n'
    )


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (
            {
                "a": 'import { b } from "./b.js";\nconst twice = 1;\n',
                "b": "export const b = 1;\nfunction twice() {}\n",
            },
            "Both .*b.js and .*a.js declare 'twice'",
        ),
        (
            {"a": 'import { b } from "./b.js";\n', "b": "const b = 1;\n"},
            "imports 'b', which .*b.js does not export",
        ),
        ({"a": 'import { b } from "./b.js";\n'}, "b.js, imported by .*a.js, does not exist"),
        (
            {
                "a": 'import { b } from "./b.js";\nexport const a = 1;\n',
                "b": 'import { a } from "./a.js";\nexport const b = 1;\n',
            },
            "imports itself, by way of .*b.js",
        ),
        (
            {"a": 'import { b } from "./b.js";\n', "b": "export const b = 1;\nexport default b;\n"},
            "only an entry may",
        ),
        (
            {"a": 'import b from "./b.js";\n', "b": "export default 1;\n"},
            "cannot be joined: import b from",
        ),
        ({"a": 'import * as b from "./b.js";\n'}, r"cannot be joined: import \* as b"),
        (
            {"a": 'import { b as c } from "./b.js";\n', "b": "export const b = 1;\n"},
            "imports 'b as c'",
        ),
        ({"a": 'import "./b.js";\n'}, "cannot be joined: import"),
        ({"a": 'import { test } from "node:test";\n'}, "cannot be joined: import"),
        ({"a": "const a = 1;\nexport { a };\n"}, "cannot be joined: export"),
        ({"a": "const { a } = window;\n"}, "takes names out of an object"),
        ({"a": "const a = 1, b = 2;\n"}, "declares several names at once"),
    ],
)
def test_what_cannot_be_joined_is_an_error(tmp_path, texts, sentence):
    with pytest.raises(BundleError, match=sentence):
        bundle(write(tmp_path, **texts))


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_component_is_one_module(entry, tmp_path):
    text = bundle(COMPONENTS / entry)
    assert len(re.findall(r"^export default ", text, re.MULTILINE)) == 1
    assert run_by_deno(tmp_path, text, "console.log(typeof run);") == "function\n"


def test_every_module_belongs_to_a_component():
    used = {
        line[3:]
        for entry in ENTRIES
        for line in bundle(COMPONENTS / entry).splitlines()
        if re.fullmatch(r"// \w+/\w+\.js", line)
    }
    assert used == {f"{path.parent.name}/{path.name}" for path in COMPONENTS.rglob("*.js")}
