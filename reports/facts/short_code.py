"""The shortest code that shows a mismatch, taken from the snippet of its row. No markup.

A snippet proves the mismatch with a reference of its own. The short code has the same layer, data and call, and
prints the numbers that the ledger expects. A refusal, a death or a wrong shape needs no data: three lines show it.
"""

from __future__ import annotations

import ast
import re
from typing import Any, Mapping, Sequence

from reports.ledger import Row

_DEFAULTS = {
    "strides": (1, 1),
    "dilation_rate": (1, 1),
    "padding": "valid",
    "output_padding": None,
    "data_format": "channels_last",
    "use_bias": True,
    "activation": "linear",
    "dtype": "float32",
}
_WITHOUT_DATA = ("crashed", "hanged", "wrongly-rejected", "wrongly-accepted", "unclear-rejection")
_NEVER = ("import os", "import re", "from __future__ import annotations")
_ENTRIES = 3  # the most numbers that the code prints
_LONGEST = 4000  # characters; beyond, the code would not be short


def make_short_code(row: Row) -> str:
    """Return the shortest code for a row, or an empty string if its snippet has another form."""
    snippet = row.get("snippet") or ""
    try:
        tree = ast.parse(snippet)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    attempt = next((node for node in tree.body if isinstance(node, ast.Try)), None)
    if attempt is None:
        return ""
    argument = _find_call(attempt.body, "use_argument")
    layer = _argument_call(argument) if argument else _find_layer(attempt.body)
    if layer is None:
        return ""
    lines = _imports(tree.body)
    data_needed = row["verdict"] not in _WITHOUT_DATA and row["property"] != "shape"
    if not data_needed or argument:
        code = _code_without_data(row, attempt, argument, layer, lines)
    else:
        code = _code_with_data(row, tree, attempt, layer, lines)
    return code if len(code) <= _LONGEST else ""


def _imports(body: Sequence[ast.stmt]) -> list[str]:
    """Return the imports of a snippet, and the choice of the backend if it is not TensorFlow, Keras' own default."""
    imports = [ast.unparse(node) for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    choices = [ast.unparse(node) for node in body if ast.unparse(node).startswith("os.environ['KERAS_BACKEND']")]
    chosen = ["import os", *choices] if choices and "'tensorflow'" not in choices[0] else []
    return chosen + [line for line in imports if line not in _NEVER]


def _bound_name(line: str) -> str:
    """Return the name that an import makes, such as "tf"."""
    return line.split()[-1]


def _find_call(body: Sequence[ast.stmt], name: str) -> ast.Call | None:
    """Return the first call of the function with this name."""
    for node in (node for one in body for node in ast.walk(one)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            return node
    return None


def _find_layer(body: Sequence[ast.stmt]) -> ast.Call | None:
    """Return the call that makes the layer, without arguments that have their default."""
    for node in body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "layer"
            and isinstance(node.value, ast.Call)
        ):
            arguments = {word.arg: word.value for word in node.value.keywords if word.arg}
            return _layer_call(ast.unparse(node.value.func), arguments)
    return None


def _argument_call(call: ast.Call) -> ast.Call | None:
    """Return the call that makes the layer of a check of one argument, as in ``suites/arguments``."""
    words = {word.arg: word.value for word in call.keywords if word.arg}
    given, name, kind = words.get("given"), words.get("argument"), words.get("kind")
    plain = words.get("arguments")
    if given is None or not isinstance(name, ast.Constant) or not isinstance(kind, ast.Constant):
        return None
    if not isinstance(plain, ast.Dict):
        return None
    arguments = {str(key.value): value for key, value in zip(plain.keys, plain.values) if isinstance(key, ast.Constant)}
    return _layer_call("keras.layers.%s" % str(kind.value), {**arguments, str(name.value): given}, str(name.value))


def _layer_call(name: str, arguments: Mapping[str, ast.expr], always: str = "") -> ast.Call:
    chosen = [
        ast.keyword(key, value) for key, value in arguments.items() if key == always or not _is_default(key, value)
    ]
    return ast.Call(ast.parse(name, mode="eval").body, [], chosen)


def _is_default(name: str, value: ast.expr) -> bool:
    if name not in _DEFAULTS:
        return False
    try:
        given = ast.literal_eval(value)
    except ValueError:
        return False
    default: Any = _DEFAULTS[name]
    ones = isinstance(default, tuple) and isinstance(given, tuple) and set(given) == {1}
    return bool(ones or (type(given) is type(default) and given == default))


def _code_without_data(
    row: Row, attempt: ast.Try, argument: ast.Call | None, layer: ast.Call, imports: list[str]
) -> str:
    """Return the import, the layer and one call."""
    shape = _input_shape(attempt, argument)
    call = _call_of_mode(row["variant"], bool(argument))
    if shape is None or call is None:
        return ""
    dtype = next((ast.unparse(word.value) for word in layer.keywords if word.arg == "dtype"), "'float32'")
    kind = dtype.replace("mixed_", "")
    zeros = "np.zeros(%s, %s)" % (shape, "'float32'" if "bfloat16" in kind else kind)
    rest = "os. %s %s" % (ast.unparse(layer), call)
    header = [line for line in imports if not line.startswith("import ") or _bound_name(line) + "." in rest]
    header += ["import numpy as np"] if "import numpy as np" not in header else []
    if header[-2:] == ["import keras", "import numpy as np"]:
        header[-2:] = ["import keras, numpy as np"]
    ending = "  # %s" % _comment(row)
    return "\n".join([*header, "layer = %s" % ast.unparse(layer), call % zeros + ending]) + "\n"


def _input_shape(attempt: ast.Try, argument: ast.Call | None) -> str | None:
    if argument:
        return next((ast.unparse(word.value) for word in argument.keywords if word.arg == "input_shape"), None)
    for node in attempt.body:
        text = ast.unparse(node)
        if text.startswith("layer.build("):
            return text[len("layer.build(") : -1]
    return None


def _call_of_mode(mode: str, named: bool) -> str | None:
    """Return the call of the layer in a mode, with %s for the input; None for a mode that takes more lines."""
    if named or mode == "eager":
        return "print(layer(%s).shape)"
    return {
        "graph": "print(tf.function(layer)(%s).shape)",
        "xla": "print(tf.function(layer, jit_compile=True)(%s).shape)",
        "predict": "print(keras.Sequential([layer]).predict(%s).shape)",
    }.get(mode)


def _comment(row: Row) -> str:
    """Return what happens and what should, as the comment on the last line."""
    observed, expected, verdict = row["observed"], row["expected"], row["verdict"]
    shape = "gives the shape %s" % _tuple(expected["shape"]) if expected.get("shape") else "works"
    if verdict in ("crashed", "hanged"):
        must = "it must be refused" if row["property"] == "rejection" and "shape" not in expected else "it must not"
        return "%s; %s" % (str(observed.get("reason", "does not end")), must)
    if verdict == "wrongly-accepted":
        return "is accepted; it must be refused"
    if verdict == "unclear-rejection":
        return "%s; it must be refused with a clear message" % observed.get("error", "an error")
    if verdict == "wrongly-rejected":
        return "%s; it must give the shape %s" % (observed.get("error"), _tuple(expected.get("shape", ())))
    return "has the shape %s; the definition %s" % (_tuple(observed.get("shape", ())), shape)


def _tuple(values: Sequence[Any]) -> str:
    return "(%s)" % ", ".join(map(str, values))


def _code_with_data(row: Row, tree: ast.Module, attempt: ast.Try, layer: ast.Call, imports: list[str]) -> str:
    """Return the data, the layer, the call and the first numbers that differ, each beside the expected one."""
    entries = row["expected"].get("entries") or []
    array = row["expected"].get("array") or row["observed"].get("array") or "output"
    steps = [node for node in attempt.body if not ast.unparse(node).startswith(("stage =", "layer ="))]
    if not entries or not any(ast.unparse(node).startswith("observed =") for node in steps):
        return ""
    needed = {node.id for step in steps for node in ast.walk(step) if isinstance(node, ast.Name)}
    before: list[str] = []
    for node in reversed(tree.body[: tree.body.index(attempt)]):
        names = _defined_names(node)
        if names & needed and "expected" not in names:
            before.insert(0, ast.unparse(node))
            needed |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    move_channels_last = "channels_first" in ast.unparse(layer) and array not in ("dkernel", "dbias", "kernel", "bias")
    found = "np.asarray(to_float(observed[%r]))" % array
    lines = [*imports, *_definition_of_to_float(tree, before), *before, "layer = %s" % ast.unparse(layer)]
    lines += [re.sub(r"^call = call = ", "call = ", ast.unparse(node)) for node in steps]
    lines += ["found = %s" % ("np.moveaxis(%s, 1, -1)" % found if move_channels_last else found)]
    lines += [
        "print(%s, 'expected', %s)" % (_subscript(entry["at"]), _number(entry["value"])) for entry in entries[:_ENTRIES]
    ]
    return "\n".join(lines) + "\n"


def _defined_names(node: ast.stmt) -> set[str]:
    """Return the names that a statement sets, and those whose entries it sets."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign):
        targets = [node.target]
    elif isinstance(node, ast.For):
        targets = [target for one in node.body if isinstance(one, ast.Assign) for target in one.targets]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _definition_of_to_float(tree: ast.Module, before: Sequence[str]) -> list[str]:
    text = next((ast.unparse(node) for node in tree.body if _defined_names(node) == {"to_float"}), "")
    return [text] if text and text not in before else []


def _subscript(at: Sequence[int]) -> str:
    return "found[%s]" % ", ".join(map(str, at))


def _number(value: Any) -> str:
    return "'%s'" % value if isinstance(value, str) else repr(value)
