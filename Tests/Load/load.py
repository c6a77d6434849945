# SPDX-License-Identifier: Apache-2.0

"""Ten thousand runs: what the runner takes beside them, and whether it grows.

Usage: load.py TOOL REPORT [RUNS [POINTS]]

Trains RUNS tiny networks, once as one point and once as POINTS of them, then makes the tables, the
figures and the finished `run` again. REPORT is a Markdown file. Nothing is asserted about times:
machines differ; memory and descriptors that grow end it with 1.
"""
import glob
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time


def experiment(runs, points):
    """RUNS runs of a few milliseconds, as many points as asked for, apart in their learning rate."""
    said = {
        "question": "How long does a run take that trains nearly nothing?",
        "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 32,
                 "test": 16, "calibrationImages": 256},
        "network": {"network": "probe", "width": 4, "block": {"kind": "regular-conv"}},
        "training": {"epochs": 1, "batch": 16},
        "seeds": list(range(runs // points)),
    }
    if points > 1:
        rates = [round(0.001 + 0.00001 * place, 8) for place in range(points)]
        said["vary"] = {"training.optimizer.learningRate": rates}
    return said


def children(pid):
    """The process and all that it started."""
    found = [pid]
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            found += [one for child in open(task).read().split() for one in children(int(child))]
        except OSError:
            pass
    return found


def look(pid):
    """Resident kilobytes and open descriptors of a process; None where it is gone."""
    try:
        pages = int(open(f"/proc/{pid}/statm").read().split()[1])
        return pages * resource.getpagesize() // 1024, len(os.listdir(f"/proc/{pid}/fd"))
    except (OSError, IndexError):
        return None


def watched(words, done):
    """Runs a command; seconds, processor seconds, and (done, kilobytes, descriptors) over time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    samples = []
    while process.poll() is None:
        looked = [one for one in map(look, children(process.pid)) if one]
        if looked:
            samples.append((done(), sum(k for k, _ in looked), sum(f for _, f in looked)))
        time.sleep(0.5)
    seconds = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(words)}: exit {process.returncode}: {process.stderr.read()[-2000:]}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, spent, samples


def growth(samples, runs):
    """What memory and descriptors are in the last third over the second third, as fractions."""
    thirds = [[one for one in samples if place <= 3 * one[0] / runs < place + 1] for place in (1, 2)]
    if not all(thirds):
        return None
    mean = [[sum(one[part] for one in third) / len(third) for part in (1, 2)] for third in thirds]
    return [mean[1][part] / mean[0][part] - 1 for part in (0, 1)]


def main():
    tool, report = os.path.abspath(sys.argv[1]), sys.argv[2]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    distinct = int(sys.argv[4]) if len(sys.argv) > 4 else 2_000
    folder = tempfile.mkdtemp(prefix="continuum-load-")
    lines, flat = [], True
    try:
        for points in (1, distinct):
            flat = measure(tool, folder, runs, points, lines) and flat
    finally:
        shutil.rmtree(folder)
    version = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout.strip()
    head = [
        "# Load", "", f"`load.py` with {runs:,} runs (`make load`: 10,000), {version}, "
        f"{os.cpu_count()} processors "
        f"({platform.machine()}), mean load {os.getloadavg()[2]:.1f} meanwhile.", "",
        "By the clock, and in parentheses by processors, which is what counts where others use them, "
        "too; training is in it. Growth is that of the last third of a sweep over its second third, of "
        "the runner and its workers together.", "",
        "| points | what | seconds | a run (ms) | memory | growth | descriptors |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    with open(report, "w") as file:
        file.write("\n".join(head + lines) + "\n")
    print(open(report).read(), end="")
    sys.exit(0 if flat else 1)


def measure(tool, folder, runs, points, lines):
    """One sweep and what follows it; whether memory and descriptors stayed."""
    path, results = f"{folder}/{points}.json", f"{folder}/{points}"
    with open(path, "w") as file:
        json.dump(experiment(runs, points), file)

    def done():
        try:
            return len(os.listdir(f"{results}/runs"))
        except OSError:
            return 0

    jobs = min(2, os.cpu_count() or 1)
    run = [tool, "run", path, "--results", results, "--quiet", "--jobs", str(jobs), "--threads",
           str(jobs)]
    seconds, spent, samples = watched(run, done)
    grown = growth(samples, runs)
    peak = max((one[1] for one in samples), default=0)
    words = "too short" if grown is None else f"{100 * grown[0]:+.1f} %"
    files = "too short" if grown is None else f"{100 * grown[1]:+.1f} %"
    lines.append(
        f"| {points:,} | `run`, {jobs} side by side | {seconds:.1f} "
        f"({spent:.1f}) | {1000 * seconds / runs:.1f} ({1000 * spent / runs:.1f}) | "
        f"{peak // 1024} MB | {words} | {files} |")
    for name, command in [
        ("`run` that is finished", run),
        ("`table`", [tool, "table", results]),
        ("`table --format csv-runs`", [tool, "table", results, "--format", "csv-runs"]),
        ("`plot`", [tool, "plot", results, "--output", f"{folder}/plot.svg"]),
        ("`plot --kind training-curves`", [tool, "plot", results, "--kind", "training-curves",
                                           "--output", f"{folder}/curves.svg"]),
        ("`verify --sample 0`", [tool, "verify", results, "--sample", "0"]),
    ]:
        seconds, spent, samples = watched(command, done)
        peak = max((one[1] for one in samples), default=0)
        lines.append(
            f"| {points:,} | {name} | {seconds:.1f} ({spent:.1f}) | | {peak // 1024} MB | | |")
        print(lines[-1], file=sys.stderr)
    return grown is None or all(abs(one) <= 0.05 for one in grown)


main()
