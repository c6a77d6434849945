# SPDX-License-Identifier: Apache-2.0
"""Writes which test images the runs of a folder got right: lines of `arm seed 0110…`.

    python3 Experiments/calibration/answers.py Results/cifar10-continuum > answers.txt

An arm is a configuration without its seed; arms that do not have all seeds are left out.
"""

import glob
import json
import sys

import h5py
import numpy

runs = {}
for path in sorted(glob.glob(sys.argv[1] + "/runs/*.h5")):
    with h5py.File(path) as run:
        configuration = json.loads(run.attrs["configuration"])
        seed = configuration.pop("seed")
        arm = json.dumps(configuration, sort_keys=True)
        predictions = run["predictions"]
        correct = predictions["probabilities"][()].argmax(axis=1) == predictions["labels"][()]
        runs.setdefault(arm, {})[seed] = correct
seeds = set().union(*runs.values())
arms = [arm for arm in sorted(runs) if set(runs[arm]) == seeds]
for number, arm in enumerate(arms):
    for seed in sorted(seeds):
        bits = "".join(numpy.where(runs[arm][seed], "1", "0"))
        print(f"arm{number:02d}", seed, bits)
