# SPDX-License-Identifier: Apache-2.0
"""Writes the measurements of peers.py as JSON, tables and a plot."""

import csv
import json
import shutil
import subprocess


def best_torch(rows):
    """PyTorch by whichever memory layout is faster."""
    torch = [row for row in rows if row["contender"].startswith("PyTorch")]
    return [min(torch, key=lambda row: row["milliseconds"])] if torch else []


def by_work(rows):
    works = {}
    for row in rows:
        works.setdefault(row["work"], []).append(row)
    return works


def markdown(rows, processor, threads, versions):
    lines = [
        "| work | Continuum | PyTorch | Keras | ONNX Runtime | best peer / Continuum |"
        " memory, Continuum | memory, PyTorch |",
        "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for work, own in by_work(rows).items():
        named = {row["contender"]: row for row in own}
        chosen = best_torch(own)
        cells = {"Continuum": named.get("Continuum"), "PyTorch": chosen[0] if chosen else None,
                 "Keras": named.get("Keras"), "ONNX Runtime": named.get("ONNX Runtime")}

        def time(name):
            row = cells[name]
            return "—" if row is None else f"{row['milliseconds']:.2f}"

        def memory(name):
            row = cells[name]
            return "—" if row is None else f"{row['peakMemoryBytes'] / 1e9:.2f} GB"

        peers = [row["milliseconds"] for name, row in cells.items() if row and name != "Continuum"]
        ours = cells["Continuum"]
        ratio = f"{min(peers) / ours['milliseconds']:.2f}" if peers and ours else "—"
        lines.append(
            f"| {work} | {time('Continuum')} | {time('PyTorch')} | {time('Keras')} | "
            f"{time('ONNX Runtime')} | {ratio} | {memory('Continuum')} | {memory('PyTorch')} |")
    rounds = sorted({row["rounds"] for row in rows})
    text = "\n".join(lines) + (
        f"\n\nMilliseconds an image, medians of {' or '.join(map(str, rounds))} rounds; PyTorch in the"
        f" faster of its two\nmemory layouts. {processor}, {threads} threads.\n")
    if versions:
        listed = ", ".join(f"{name} {version}" for name, version in versions.items())
        text += f"\n{listed}.\n"
    for work, own in by_work(rows).items():
        named = {row["contender"]: row["milliseconds"] for row in own}
        if "Continuum, one thread" in named:
            alone, together = named["Continuum, one thread"], named["Continuum"]
            text += (f"\n{work}: one thread takes {alone:.1f} ms, {alone / together:.2f} times as long"
                     f" as {threads}.\n")
    return text


def plot(folder, tool):
    """Time against the number of segments, one line a framework, as the tool draws all figures."""
    for ending in ("svg", "png"):
        subprocess.run(
            [tool, "plot", str(folder), "--kind", "speed", "--format", ending], check=True)


def write(rows, folder, processor, threads, versions, tool):
    """`versions` are those of the packages that were compared, by name; `tool` draws."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "measurements.json").write_text(json.dumps(
        {"processor": processor, "threads": threads, "versions": versions, "rows": rows},
        indent=1) + "\n")
    (folder / "table.md").write_text(markdown(rows, processor, threads, versions))
    with open(folder / "table.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    if shutil.which("gnuplot") is None:
        print("no gnuplot: no plot")
    else:
        plot(folder, tool)
