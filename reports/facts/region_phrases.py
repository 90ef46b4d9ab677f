"""The words for the fields, operators, suites and clauses in the predicate of a region. No markup."""

from __future__ import annotations

import ast

SIDES = {0: "height", 1: "width", -1: "width"}
# The names of lengths: of any axis, and of the axis that an index selects.
FIELDS = {
    "size": ("input length", "input %s"),
    "kernel_size": ("kernel length", "kernel %s"),
    "strides": ("stride", "%s stride"),
    "dilation_rate": ("dilation", "%s dilation"),
    "output_padding": ("output_padding", "%s output_padding"),
    "effective_kernel": ("dilated kernel length", "dilated kernel %s"),
    "output_size": ("output length", "output %s"),
    "lost": ("crop", "%s crop"),
}
OPERATORS = {
    ast.Eq: "=",
    ast.NotEq: "is not",
    ast.Lt: "<",
    ast.LtE: "at most",
    ast.Gt: ">",
    ast.GtE: "at least",
}
SUITES = {
    "forward": "forward pass",
    "gradients": "gradients",
    "special": "NaN and infinities",
    "large": "large inputs",
    "empty": "empty inputs",
}
WHOLE = {  # whole clauses, as ast.unparse writes them
    "not rules": "",  # every valid configuration; the severity says that it is valid
    "rules": "invalid arguments",
    "use_bias": "with a bias",
    "not use_bias": "without a bias",
    "batch == 0": "an empty batch",
    "batch > 0": "",
    "channels == 0": "no channels",
    "channels > 0": "",
    "0 in size": "an input length of 0",
    "min(output_size) == 0": "an empty output",
    "min(output_size) > 0": "an output that is not empty",
    "max(dilation_rate) > 1": "dilated",
    "max(dilation_rate) == 1": "not dilated",
    "max(strides) > 1": "strided",
    "max(strides) == 1": "stride 1",
    "min(strides) > 1": "strided on every axis",
    "max(kernel_size) > 1": "a kernel of more than one tap",
    "max(kernel_size) == 1": "a kernel of one tap",
    "max(size) == 1": "an input of one cell",
    "output_padding is None": "without output_padding",
    "output_padding is not None": "with output_padding",
    "0 in output_padding": "output_padding 0",
    "0 not in output_padding": "no output_padding 0",
    "1 < filters == output_size[-1]": "filters = output width > 1",
    "sum((n == 0 for n in size)) == 1": "one input length of 0",
    "any((l > 0 and l % 2 for l in lost))": "an odd crop",
    "any((l % 2 == 1 and l > 0 for l in lost))": "an odd crop",
    "all((m == n * s for m, n, s in zip(output_size, size, strides)))": "output length = input length * stride",
    "True": "",
}
