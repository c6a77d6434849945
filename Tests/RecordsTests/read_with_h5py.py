# SPDX-License-Identifier: Apache-2.0

"""Opens run files with h5py and checks them against the schema of Sources/Records/README.md.

Usage: python3 read_with_h5py.py RUN.h5...
Prints one line of JSON a file; ends with 1 and a message where a file is not as documented.
"""

import json
import sys

import h5py
import numpy

PROVENANCE = {
    "commit": str, "version": str, "processor": str, "blasKernels": str, "started": str,
    "threads": numpy.int64, "seconds": numpy.float64, "millisecondsPerStep": numpy.float64,
}
COST = ["trainableParameters", "nonTrainableParameters", "multiplyAdds"]


def check(holds, rule):
    if not holds:
        raise ValueError(rule)


def check_contiguous(name, item):
    if isinstance(item, h5py.Dataset):
        check(item.chunks is None and item.compression is None, f"{name} is contiguous")
        check(item.dtype.byteorder in "<=|", f"{name} is little-endian")


def check_attributes(group, kind):
    for name, value in group.attrs.items():
        check(isinstance(value, kind), f"{group.name}@{name} is {kind.__name__}")


def check_identity(run):
    check(run.attrs["schema"] == "continuum-run/1", "schema is continuum-run/1")
    for name in ["id", "experiment", "configuration"]:
        check(isinstance(run.attrs[name], str), f"{name} is text")
    check(isinstance(run.attrs["seed"], numpy.int64), "seed is int64")
    check(run.attrs["status"] in ("finished", "failed"), "status is finished or failed")
    check(("reason" in run.attrs) == (run.attrs["status"] == "failed"), "failures have a reason")
    check(run["labels"].ndim == 2 and run["labels"].shape[1] == 2, "labels are pairs")


def check_values(run):
    for name in COST:
        check(isinstance(run["cost"].attrs[name], numpy.int64), f"cost {name} is int64")
    for name, kind in PROVENANCE.items():
        check(isinstance(run["provenance"].attrs[name], kind), f"provenance {name}")
    check_attributes(run["provenance/libraries"], str)
    if "budget" in run:
        check(run["budget"].attrs["quantity"] in ("parameters", "multiply-adds"), "quantity")
        check(run["budget"].attrs["target"] > 0, "target is positive")
        check(run["budget"].attrs["actual"] > 0, "actual is positive")
    check_attributes(run["metrics"], numpy.float64)
    check_attributes(run["facts"], numpy.float64)
    run["curves"].visititems(
        lambda name, item: check(
            isinstance(item, h5py.Group) or (item.ndim == 1 and item.dtype == "<f8"),
            f"curve {name} is float64 of one dimension"))


def check_large_parts(run):
    if "predictions" in run:
        labels, predicted = run["predictions/labels"], run["predictions/predicted"]
        check(labels.dtype == predicted.dtype == "|u1", "types of predictions")
        check(predicted.shape == labels.shape, "a predicted class for every label")
    if "weights" in run:
        run["weights"].visititems(
            lambda name, item: check(
                isinstance(item, h5py.Group) or (item.dtype == "<f4" and "index" in item.attrs),
                f"weight {name} is float32 with an index"))


def main(paths):
    for path in paths:
        with h5py.File(path, "r") as run:
            try:
                check_identity(run)
                check_values(run)
                check_large_parts(run)
                run.visititems(check_contiguous)
            except (ValueError, KeyError) as error:
                sys.exit(f"{path}: must hold: {error}")
            print(json.dumps({
                "id": run.attrs["id"],
                "seed": int(run.attrs["seed"]),
                "labels": run["labels"].asstr()[()].tolist(),
                "metrics": {name: repr(float(x)) for name, x in run["metrics"].attrs.items()},
                "curves": {
                    name: len(run["curves"][name]) for name in sorted(curve_names(run))},
            }, ensure_ascii=False, sort_keys=True))


def curve_names(run):
    names = []
    run["curves"].visititems(
        lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


if __name__ == "__main__":
    main(sys.argv[1:])
