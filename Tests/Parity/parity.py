# SPDX-License-Identifier: Apache-2.0

"""Compares the four published networks with Keras itself, and weight files in both directions.

    make parity

For each network: random weights and random batch-norm statistics, three random images.
1. What Keras saves (whole model, .weights.h5, .keras) is read by `continuum predict`.
2. What `continuum weights convert` writes (legacy HDF5, .weights.h5) is read by Keras.
Centred log probabilities must differ by at most 1e-4, relative, and the best five classes agree;
arrays that went through our files must be the same bits.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")

import h5py
import keras
import numpy as np

NETWORKS = {
    "xception": (keras.applications.Xception, 299),
    "inception-v3": (keras.applications.InceptionV3, 299),
    "vgg16": (keras.applications.VGG16, 224),
    "resnet152": (keras.applications.ResNet152, 224),
}
TOLERANCE = 1e-4


def randomized(build, seed):
    keras.utils.set_random_seed(seed)
    model = build(weights=None, classifier_activation="softmax")
    random = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            weights = []
            for variable in layer.weights:
                spread = random.uniform(-1, 1, variable.shape)
                centre = 1 if variable.name in ("gamma", "moving_variance") else 0
                weights.append(centre + 0.3 * spread)
            layer.set_weights(weights)
        elif layer.weights:
            layer.set_weights([
                array if array.ndim > 1 else 0.1 * random.uniform(-1, 1, array.shape)
                for array in layer.get_weights()])
    return model


def centred(probabilities):
    logarithms = np.log(np.asarray(probabilities, dtype=np.float64))
    return logarithms - logarithms.mean(axis=1, keepdims=True)


def difference(ours, theirs):
    a, b = centred(ours), centred(theirs)
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def best(probabilities):
    return np.argsort(-np.asarray(probabilities), axis=1, kind="stable")[:, :5]


class Parity:
    def __init__(self, tool, folder):
        self.tool, self.folder, self.failures = tool, folder, 0

    def path(self, name):
        return str(self.folder / name)

    def run(self, *words):
        subprocess.run([self.tool, "--quiet", *words], check=True, stdout=subprocess.DEVNULL)

    def report(self, network, what, error, agree):
        good = error <= TOLERANCE and agree
        self.failures += not good
        print(f"{network:14} {what:44} {error:9.2e}  "
              f"{'same best five' if agree else 'OTHER BEST FIVE'}  {'ok' if good else 'FAILED'}")

    def predictions(self, network, weights, images):
        output = self.path("output.h5")
        pathlib.Path(output).unlink(missing_ok=True)
        self.run("predict", network, "--weights", weights, "--input", images, "--output", output)
        with h5py.File(output) as file:
            return file["probabilities"][:]

    def check(self, network, build, side):
        model = randomized(build, seed=7)
        pixels = np.random.default_rng(1).uniform(-1, 1, (3, side, side, 3)).astype(np.float32)
        images = self.path("images.h5")
        with h5py.File(images, "w") as file:
            file["images"] = pixels
        theirs = model.predict(pixels, verbose=0)
        files = {"whole model, HDF5": "model.h5", ".keras": "model.keras"}
        for name in files.values():
            model.save(self.path(name))
        files[".weights.h5"] = "model.weights.h5"
        model.save_weights(self.path("model.weights.h5"))
        for what, name in files.items():
            ours = self.predictions(network, self.path(name), images)
            self.report(network, f"Keras' {what} here", difference(ours, theirs),
                        np.array_equal(best(ours), best(theirs)))
        for what, name in {"legacy HDF5": "ours.h5", ".weights.h5": "ours.weights.h5"}.items():
            kind = "keras-legacy" if name == "ours.h5" else "keras-v3"
            pathlib.Path(self.path(name)).unlink(missing_ok=True)
            self.run("weights", "convert", self.path("model.keras"), self.path(name),
                     "--network", network, "--to", kind)
            other = build(weights=None)
            other.load_weights(self.path(name))
            same = all(np.array_equal(a, b)
                       for a, b in zip(model.get_weights(), other.get_weights(), strict=True))
            again = other.predict(pixels, verbose=0)
            self.report(network, f"our {what} in Keras" + ("" if same else ", OTHER BITS"),
                        difference(again, theirs) if same else np.inf,
                        np.array_equal(best(again), best(theirs)))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tool", help="the continuum program")
    arguments.add_argument("networks", nargs="*", default=list(NETWORKS))
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parity = Parity(arguments.tool, pathlib.Path(folder))
        for network in arguments.networks:
            parity.check(network, *NETWORKS[network])
    print(f"Keras {keras.__version__}: {parity.failures} failures")
    sys.exit(parity.failures > 0)


if __name__ == "__main__":
    main()
