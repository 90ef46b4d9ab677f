"""The rules of docs/semantics.md, each in one sentence, for readers of a page who meet the id of one. No markup.

``n`` is the input length, ``m`` the output length, ``k`` the kernel, ``s`` the stride, ``d`` the dilation, ``o`` the
output_padding and ``ke = (k - 1) d + 1`` the effective kernel, along one axis.
"""

from __future__ import annotations

RULES = {
    "A1": "A transposed convolution is the adjoint of the convolution with the same arguments; its output length is "
    "one that this convolution maps back to n.",
    "A2": "For padding valid, the admissible output lengths are (n - 1) s + ke to (n - 1) s + ke + s - 1.",
    "A3": "For padding same, the admissible output lengths are (n - 1) s + 1 to n s.",
    "S1": "output_padding None, valid: m = n s + max(ke - s, 0).",
    "S2": "output_padding o, valid: m = (n - 1) s + ke + o.",
    "S3": "output_padding None, same: m = n s.",
    "S4": "output_padding o, same: m = (n - 1) s + ke - 2 (ke // 2) + o.",
    "S5": "padding full, of functions for lengths only: m = n s - (s + ke - 2), or (n - 1) s + ke - 2 (ke - 1) + o.",
    "S6": "An unknown length stays unknown.",
    "S7": "Batch, lengths and filters stand where data_format puts them.",
    "V1": "Every input cell i is multiplied with every tap j and added at i s + j d; the kernel is not flipped.",
    "V2": "The output begins after the cells that are cut in front: none for valid, "
    "max((n - 1) s + ke - m, 0) // 2 for same.",
    "V3": "The bias is added to each filter, then the activation is applied.",
    "V4": "An empty batch gives an empty batch; an input of length 0 gives the activated bias everywhere.",
    "V5": "A NaN or an infinity reaches the outputs that its input cell has a tap for, and no others.",
    "V6": "Batch elements are independent, the layer is linear, moving the input by one cell moves the output by "
    "one stride, and a repeated call gives the same bits.",
    "G1": "The gradient of the input sums g[t] w[j] over the pairs of V1.",
    "G2": "The gradient of the kernel sums g[t] x[i] over the pairs of V1 and the batch.",
    "G3": "The gradient of the bias is the sum of g over batch and space.",
    "G4": "Second derivatives follow from the first: dx is linear in g and in the kernel.",
    "G5": "A step of gradient descent with rate 1 leaves the weights minus their gradients.",
    "G6": "A NaN or an infinity in g reaches the gradients that it has a pair with, and no others.",
    "R1": "filters below 1 are refused.",
    "R2": "A kernel length below 1 is refused.",
    "R3": "A stride below 1 is refused.",
    "R4": "A dilation below 1 is refused.",
    "R5": "A negative output_padding is refused.",
    "R6": "An output_padding that is not below the stride of its axis is refused.",
    "R7": "Strides above 1 together with a dilation above 1 are refused.",
    "R8": "An output_padding is refused if no convolution with these arguments maps the length that it asks for to n.",
    "R9": "In Keras 2, dilations that differ between the axes are refused.",
    "M1": "How the layer is called does not change what comes out.",
    "M2": "The output has the compute dtype, variables and their gradients have the variable dtype.",
    "C1": "A documented form of an argument is taken for what it means; one that means nothing is refused at "
    "construction or build, with ValueError or TypeError, naming the argument.",
    "C2": "An input of another rank or of other channels is refused by the call at the latest.",
    "C3": "data_format None means what image_data_format says.",
    "C4": "An empty input gives an empty output or the bias, or is refused in words that say what is empty.",
    "C5": "Names, order and defaults of the arguments are those of the documentation.",
    "C6": "compute_output_shape, a symbolic call and a trace say the lengths of section S.",
    "C7": "What comes back from a configuration, a clone, a copy or a file computes the same, bit by bit.",
    "C8": "What an older release wrote computes the same when a newer one loads it.",
    "C9": "Regularizers, constraints, initializers and frozen layers do what Keras documents.",
    "C10": "The functions of a release for lengths follow S1 to S6.",
    "C11": "An input of another floating-point dtype is cast to that of the layer.",
    "C12": "A mask on the input changes no value.",
    "C13": "TimeDistributed, SpectralNormalization and nested models compute what the layer computes alone.",
    "C14": "load_weights refuses weights of another shape, and with skip_mismatch loads nothing of such a layer.",
    "E1": "Every entry of the operator is compared, exactly.",
    "E2": "Small integers are compared exactly: every sum of them is exact in the dtype.",
    "E3": "Random reals are compared within the rounding bound for sums of that many products.",
    "E4": "An error that fits a smaller dtype better raises an alarm and no mismatch.",
    "E5": "Derivatives are compared as E2 and E3 say, where rounding cannot decide on which side of 0 relu is.",
    "E6": "The relations of V6 are checked on large inputs.",
    "E7": "For a very large output, a grid of entries is compared.",
}
