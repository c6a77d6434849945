# SPDX-License-Identifier: Apache-2.0
"""Times training on CIFAR-10, decoded and augmented on the way, against bench's step on random images.

    python3 Experiments/speed/pipeline.py --data DIR

Both run the same network, batch, optimiser and threads and take turns; a data pipeline that keeps up
gives a ratio of 1. Needs h5py, to read the time of a step from the run's record.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

BLOCK = {"kind": "separable-conv"}
NETWORKS = {
    "stack, width 64": {"network": "stack", "width": 64, "block": BLOCK},
    # Steps of a few milliseconds, in which a pipeline would show first.
    "stack, width 16, stem stride 2": {
        "network": "stack", "width": 16, "stemStride": 2, "unitsPerStage": 1, "block": BLOCK},
}
BATCH = 64
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}


def run(words):
    outcome = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True)
    if outcome.returncode != 0:
        sys.exit(outcome.stderr.strip() or f"{words[0]} ended with {outcome.returncode}")
    return outcome.stdout


def bench(arguments, network, steps):
    """Milliseconds of a step."""
    answer = json.loads(run([
        arguments.tool, "bench", network, "--batch", str(BATCH), "--rounds", str(steps), "--format",
        "json", "--quiet"]))
    return answer["millisecondsPerImage"]["median"] * BATCH


def train(arguments, network, steps):
    """Milliseconds of a step, from one step's end to the next one's."""
    with tempfile.TemporaryDirectory() as folder:
        run([
            arguments.tool, "train", network, "--dataset", "cifar-10", "--data", arguments.data,
            "--batch", str(BATCH), "--epochs", "1", "--results", folder, "--quiet",
            "--set", f"data.trainLimit={steps * BATCH}", "--set", f"data.testLimit={BATCH}",
            "--set", "training.optimizer.kind=sgd", "--set", "training.optimizer.learningRate=0.01",
            "--set", 'data.augmentation={"flip":true,"crop":4}'])
        record = next(pathlib.Path(folder).rglob("*.h5"))
        import h5py

        times = []
        with h5py.File(record) as file:
            file.visititems(lambda name, item: times.append(item.attrs["millisecondsPerStep"])
                            if "millisecondsPerStep" in item.attrs else None)
        return times[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="the folder with CIFAR-10's files")
    parser.add_argument("--tool", default=".build/release/continuum", help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="alternations (%(default)s)")
    parser.add_argument("--steps", type=int, default=200, help="of each, in a round (%(default)s)")
    arguments = parser.parse_args()
    if importlib.util.find_spec("h5py") is None:
        parser.error("it reads run files and needs h5py, which `make testdeps` installs")
    for name, description in NETWORKS.items():
        network = json.dumps(description)
        ratios = []
        for _ in range(arguments.rounds):
            alone = bench(arguments, network, arguments.steps)
            fed = train(arguments, network, arguments.steps)
            ratios.append(fed / alone)
            print(f"{name}: bench {alone:.2f} ms a step, training {fed:.2f}", flush=True)
        print(f"{name}: training takes {statistics.median(ratios):.3f} times as long")


if __name__ == "__main__":
    main()
