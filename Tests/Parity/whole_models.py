# SPDX-License-Identifier: Apache-2.0

"""Random whole models, built and saved by Keras 3 and Keras 2, read by `continuum predict`.

    whole_models.py TOOL [--count 300] [--seed 1]

Each gives Keras' predictions to 1e-5, or exit code 2 with the reason. Models that differ from the network
only in what can be followed (epsilon, size, what is done to images first, the last activation, names,
models inside models, layers that do nothing) must not be refused.
"""

import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")

import h5py
import keras
import numpy as np
import tf_keras

import random_models

TOLERANCE = 1e-5


def predictions(tool, folder, network, weights, head):
    """Our answers, or the messages of a refusal."""
    output = folder / "output.h5"
    output.unlink(missing_ok=True)
    done = subprocess.run(
        [tool, "--quiet", "--threads", "1", "predict", network, "--weights", weights, "--input",
         folder / "images.h5", "--output", output], capture_output=True, text=True)
    if done.returncode:
        return done.returncode, done.stderr
    with h5py.File(output) as file:
        return 0, file["logits" if head == "linear" else "probabilities"][:]


def outcome(tool, folder, seed):
    """`equal`, `refused`, or what is wrong; and the reason of a refusal."""
    is_legacy = seed % 3 == 0
    k = tf_keras if is_legacy else keras
    k.backend.clear_session()
    k.utils.set_random_seed(seed)
    draw = random_models.Draw(seed, k, is_legacy)
    path = folder / draw.pick(["model.keras", "model.h5"])
    draw.changes.append(f"Keras {k.__version__} {path.suffix}")
    try:
        model, network, head, shape = random_models.model(draw)
        images = draw.random.normal(0.3, 1, (3, *shape)).astype(np.float32)
        theirs = model.predict(images, verbose=0)
        model.save(path)
    except (ValueError, TypeError, RuntimeError) as error:
        # Names that TensorFlow or h5py do not take, or a window larger than its images.
        return "none", str(error).split("\n")[0], draw
    with h5py.File(folder / "images.h5", "w") as file:
        file["images"] = images
    code, ours = predictions(tool, folder, network, path, head)
    if code == 2 and str(path) in ours and "Traceback" not in ours:
        return ("refused" if not draw.faithful else "REFUSED WHAT CAN BE FOLLOWED"), ours, draw
    if code:
        return f"EXIT CODE {code}", ours, draw
    error = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
    if ours.shape != theirs.shape or not error.max() <= TOLERANCE:
        return "OTHER ANSWERS", f"differ by {error.max():.1e}", draw
    return "equal", "", draw


def reason_word(messages):
    """The field that a refusal names, or what it says first."""
    fields = re.findall(r"(\w+) is [^;()]*; the network's", messages)
    return fields[0] if fields else " ".join(messages.split(": ", 3)[-1].split()[:5])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tool", help="the continuum program")
    arguments.add_argument("--count", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    arguments = arguments.parse_args()
    counts, reasons = collections.Counter(), collections.Counter()
    seed = arguments.seed
    with tempfile.TemporaryDirectory() as folder:
        while sum(counts.values()) - counts["none"] < arguments.count:
            kind, reason, draw = outcome(os.path.abspath(arguments.tool), pathlib.Path(folder), seed)
            counts[kind] += 1
            if kind == "refused":
                reasons[reason_word(reason)] += 1
            elif kind not in ("equal", "none"):
                print(f"seed {seed}: {kind}: {'; '.join(draw.changes)}: {reason.strip()[:300]}",
                      flush=True)
            seed += 1
            if sum(counts.values()) % 50 == 0:
                print(f"{sum(counts.values())} models", file=sys.stderr, flush=True)
    for reason, count in reasons.most_common():
        print(f"{count:5}  {reason}")
    failures = sum(counts[kind] for kind in counts if kind not in ("equal", "refused", "none"))
    print(f"{counts['equal']} equal, {counts['refused']} refused, {failures} wrong; "
          f"{counts['none']} could not be built; seeds {arguments.seed} to {seed - 1}")
    # A test that finds nothing equal, or nothing to refuse, tests nothing.
    sys.exit(failures > 0 or min(counts["equal"], counts["refused"]) < arguments.count // 10)


if __name__ == "__main__":
    main()
