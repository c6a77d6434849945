# SPDX-License-Identifier: Apache-2.0

"""A small sweep that the fault campaigns disturb, and what must be true of it afterwards."""
import glob
import hashlib
import json
import os
import re
import subprocess

EXPERIMENT = {
    "question": "Does a sweep that was disturbed end as one that was not?",
    "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 256, "test": 64,
             "calibrationImages": 256},
    "network": {"network": "probe", "width": 4},
    "training": {"epochs": 6, "batch": 16, "evaluateEveryEpochs": 3},
    "seeds": 3,
    "vary": {"network.block": [{"kind": "regular-conv"}, {"kind": "separable-conv"}]},
}
RUNS = 6


class Sweep:
    """The command line of a sweep into a folder of its own."""

    def __init__(self, tool, folder, name):
        self.tool, self.results = tool, f"{folder}/{name}"
        self.file = f"{folder}/disturbed.json"
        with open(self.file, "w") as file:
            json.dump(EXPERIMENT, file)

    def words(self, jobs=2):
        return [self.tool, "run", self.file, "--results", self.results, "--jobs", str(jobs),
                "--threads", str(jobs), "--checkpoint-every", "0"]

    def start(self, jobs=2, **options):
        """In a group of its own, so that all of it can be killed at once."""
        return subprocess.Popen(
            self.words(jobs), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True, **options)

    def finish(self, jobs=2):
        return subprocess.run(self.words(jobs), capture_output=True, text=True)

    def faults(self):
        """What `verify` says is wrong; empty where nothing is."""
        if not os.path.isdir(f"{self.results}/runs"):
            return ""
        outcome = subprocess.run([self.tool, "verify", self.results, "--sample", "0", "--quiet"],
                                 capture_output=True, text=True)
        return "" if outcome.returncode == 0 else outcome.stdout + outcome.stderr

    def bits(self):
        """A digest by run of all that it came to: curves, metrics and predictions."""
        import h5py
        found = {}
        for name in sorted(glob.glob(f"{self.results}/runs/*.h5")):
            digest = hashlib.sha256()

            def add(path, item):
                if isinstance(item, h5py.Dataset):
                    digest.update(path.encode() + item[()].tobytes())

            with h5py.File(name) as run:
                for group in ("curves", "predictions"):
                    run[group].visititems(add)
                for key, value in sorted(run["metrics"].attrs.items()):
                    digest.update(key.encode() + value.tobytes())
            found[os.path.basename(name)] = digest.hexdigest()
        return found

    def leftovers(self):
        """Temporary files and locks beside a sweep that is done."""
        return [name for name in glob.glob(f"{self.results}/**/*", recursive=True)
                if re.search(r"\.(part|lock)$", name)]
