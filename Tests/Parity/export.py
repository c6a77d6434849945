# SPDX-License-Identifier: Apache-2.0

"""Compares what `continuum weights convert` and `export` write with what other programs make of it.

    make parity

For every network of the zoo and a trained stack of every block, with everything that may stand between a
block's operations: random weights and statistics, or those of a run of one epoch; three random images.
1. ONNX: the checker of the `onnx` package passes, and ONNX Runtime's logits and probabilities are ours,
   for one image and for three.
2. `.keras`: Keras' `load_model` gives our probabilities, and before its softmax our logits.
3. safetensors: the package's arrays are the bits that our own file holds.
Logits may differ by 1e-5 of the largest, or of 1; probabilities by 1e-5.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")

import h5py
import keras
import numpy as np
import onnx
import onnxruntime
import safetensors.numpy
import tensorflow

from parity import NETWORKS, randomized

TOLERANCE = 1e-5
BETWEEN = ["none", "relu", "elu", "gelu", "silu", "hard-swish", "bn", "bn-relu"]
# What a block is given beside what may stand between its operations; all the others stay as they are.
BLOCKS = {
    "segmented-inception": {"segments": 4},
    "segmented-separable": {"segments": 4},
    "separable-conv": {"depthMultiplier": 2},
}
# Keras has no groups that differ: .keras is refused by name.
UNEQUAL = {"kind": "segmented-inception", "segments": 3, "unequal": True}


class Export:
    def __init__(self, tool, folder):
        self.tool, self.folder, self.failures = tool, folder, 0

    def path(self, name):
        return str(self.folder / name)

    def run(self, *words, may_fail=False):
        ended = subprocess.run([self.tool, "--quiet", *words], capture_output=True, text=True)
        if ended.returncode != 0 and not may_fail:
            sys.exit(f"{' '.join(words)}: {ended.stderr}")
        return ended

    def report(self, network, what, error):
        good = error <= TOLERANCE
        self.failures += not good
        print(f"{network:44} {what:26} {error:9.2e}  {'ok' if good else 'FAILED'}", flush=True)

    def trained(self, description, size=12):
        """The run file of an epoch on made images."""
        results = self.folder / "trained"
        before = set(results.glob("runs/*.h5"))
        self.run("train", json.dumps(description), "--dataset", "coupling", "--set",
                 f"data.size={size}", "--set", "data.channels=4", "--set", "data.train=32", "--set",
                 "data.test=16", "--set", "data.calibrationImages=256", "--batch", "16", "--epochs",
                 "1", "--results", str(results))
        (made,) = set(results.glob("runs/*.h5")) - before
        return str(made)

    def published(self, network):
        """A file of ours with random weights that Keras has drawn, at the published size."""
        model, weights = self.path("published.keras"), self.path("published.h5")
        randomized(NETWORKS[network][0], seed=7).save(model)
        self.run("weights", "convert", model, weights, "--network", network, "--overwrite")
        return weights

    def check(self, name, weights, keras_reads=True):
        with h5py.File(weights) as file:
            group = file["images"].attrs if "images" in file else None
            shape = ([int(group[side]) for side in ("height", "width", "channels")]
                     if group is not None else [int(side) for side in file.attrs["input"]])
        pixels = np.random.default_rng(1).uniform(-1, 1, (3, *shape)).astype(np.float32)
        images, output = self.path("images.h5"), self.path("output.h5")
        with h5py.File(images, "w") as file:
            file["images"] = pixels
        self.run("predict", "--weights", weights, "--input", images, "--output", output,
                 "--overwrite")
        with h5py.File(output) as file:
            logits, probabilities = file["logits"][:], file["probabilities"][:]
        self.check_onnx(name, weights, pixels, logits, probabilities)
        self.check_safetensors(name, weights)
        model = self.path("model.keras")
        ended = self.run("weights", "convert", weights, model, "--overwrite",
                         may_fail=not keras_reads)
        if keras_reads:
            loaded = keras.models.load_model(model)
            theirs = loaded.predict(pixels, verbose=0)
            self.report(name, ".keras in Keras", np.abs(theirs - probabilities).max())
            # Probabilities near 0 and 1 hide what differs before the softmax.
            loaded.layers[-1].activation = keras.activations.linear
            theirs = np.asarray(loaded(pixels, training=False))
            scale = max(1, np.abs(logits).max())
            self.report(name, ".keras before its softmax", np.abs(theirs - logits).max() / scale)
        else:
            named = ended.returncode == 2 and "segments that differ" in ended.stderr
            self.report(name, ".keras is refused by name", 0 if named else np.inf)

    def check_onnx(self, name, weights, pixels, logits, probabilities):
        path = self.path("model.onnx")
        self.run("weights", "export", weights, "--to", "onnx", "--output", path, "--overwrite")
        onnx.checker.check_model(path, full_check=True)
        model = onnx.load(path)
        facts = {entry.key: entry.value for entry in model.metadata_props}
        assert int(facts["classes"]) == logits.shape[1], facts["classes"]
        assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
        assert model.opset_import[0].version >= 17
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for count in (len(pixels), 1):
            theirs = session.run(["logits", "probabilities"], {"images": pixels[:count]})
            scale = max(1, np.abs(logits).max())
            self.report(name, f"ONNX Runtime, {count} images", max(
                np.abs(theirs[0] - logits[:count]).max() / scale,
                np.abs(theirs[1] - probabilities[:count]).max()))

    def check_safetensors(self, name, weights):
        path = self.path("model.safetensors")
        self.run("weights", "export", weights, "--to", "safetensors", "--output", path,
                 "--overwrite")
        theirs = safetensors.numpy.load_file(path)
        ours = {}
        with h5py.File(weights) as file:
            file["weights"].visititems(
                lambda path, item: ours.update({path: item[:]})
                if isinstance(item, h5py.Dataset) else None)
        same = ours.keys() == theirs.keys() and all(
            np.array_equal(ours[path], theirs[path]) for path in ours)
        self.report(name, f"safetensors, {len(theirs)} arrays", 0 if same else np.inf)


def cases(export):
    """What is compared: its name, what makes its weights, and whether Keras has layers for it."""
    zoo = json.loads(export.run("zoo", "--format", "json").stdout)
    for network in (entry["key"] for entry in zoo["networks"]):
        small = {"network": network}
        if network not in ("stack", "probe"):
            small |= {"small": True, "widthMultiplier": 0.125}
        yield f"{network} (small)", lambda: export.trained(small, size=32), True
    for network in NETWORKS:
        yield f"{network} (published)", lambda: export.published(network), True
    for block in zoo["blocks"]:
        options = BLOCKS.get(block["key"], {})
        for between in BETWEEN if "between" in block["options"] else [None]:
            choice = {"kind": block["key"], **options}
            choice |= {"between": between} if between else {}
            stack = {"network": "stack", "width": 8, "unitsPerStage": 1, "block": choice}
            yield (f"{block['key']} {between or ''}",
                   lambda: export.trained(stack), True)
    stack = {"network": "stack", "width": 8, "unitsPerStage": 1, "block": UNEQUAL}
    yield "segmented-inception, unequal", lambda: export.trained(stack), False


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tool", help="the continuum program")
    arguments.add_argument("--only", help="networks or blocks, with commas between them")
    arguments = arguments.parse_args()
    only = arguments.only.split(",") if arguments.only else None
    # What its tracing tells of many models in one process.
    tensorflow.get_logger().setLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        export = Export(arguments.tool, pathlib.Path(folder))
        for name, weights, keras_reads in cases(export):
            if only is None or name.split()[0].rstrip(',') in only:
                export.check(name, weights(), keras_reads)
    print(f"ONNX Runtime {onnxruntime.__version__}, Keras {keras.__version__}: "
          f"{export.failures} failures")
    sys.exit(export.failures > 0)


if __name__ == "__main__":
    main()
