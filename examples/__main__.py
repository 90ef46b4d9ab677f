"""``python -m examples FOLDER [NAME ...]``: write the architectures with the Keras that is here.

KERAS_BACKEND chooses the backend of Keras 3. ``--format h5`` writes HDF5 files in place of .keras files.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from examples.architectures import ARCHITECTURES


def set_biases(model: Any) -> None:
    """Give the biases, which are zero in a new model, random values as training does."""
    rng = np.random.RandomState(1)
    values = [
        rng.normal(0, 0.2, np.shape(one)) if "bias" in variable.name else one
        for one, variable in zip(model.get_weights(), model.weights)
    ]
    model.set_weights(values)


def main() -> int:
    """Write the models, one line for each."""
    parser = argparse.ArgumentParser(prog="python -m examples", description="Write architectures after the literature.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="only these: %s" % ", ".join(ARCHITECTURES))
    parser.add_argument("--format", choices=("keras", "h5"), default="keras")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in ARCHITECTURES]
    if unknown:
        parser.error("no architecture %s" % ", ".join(unknown))
    import keras  # noqa: TID251  # after the options, since it takes seconds; an example is a user's own code

    keras.utils.set_random_seed(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names or ARCHITECTURES:
        path = options.folder / ("%s.%s" % (name, options.format))
        model = ARCHITECTURES[name](keras)
        set_biases(model)
        model.save(str(path))
        print("%s: %d weights" % (path, model.count_params()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
