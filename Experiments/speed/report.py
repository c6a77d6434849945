"""Writes the measurements of peers.py as JSON, tables and a plot."""

import csv
import json
import shutil
import subprocess

POINTS = ["regular-conv", 1, 2, 4, 8, 16, 32, "extreme-inception", "separable-conv"]
LABELS = ["regular", "1", "2", "4", "8", "16", "32", "extreme", "separable"]


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


def plot(rows, folder):
    """Time against the number of segments, one line a framework."""
    if shutil.which("gnuplot") is None:
        print("no gnuplot: no plot")
        return
    spectrum = [row for row in rows if row["network"].startswith("stack/")]
    series = {}
    for row in spectrum:
        kind = row["network"].removeprefix("stack/")
        position = POINTS.index(row["segments"] or kind)
        series.setdefault(row["contender"], {})[position] = row["milliseconds"]
    if not series:
        return
    data = "".join(
        "\n".join(f"{position} {time}" for position, time in sorted(points.items())) + "\n\n\n"
        for points in series.values())
    (folder / "spectrum.dat").write_text(data)
    ticks = ", ".join(f'"{label}" {position}' for position, label in enumerate(LABELS))
    lines = ", ".join(
        f"'{folder / 'spectrum.dat'}' index {number} with linespoints lw 2 pt 7 title '{name}'"
        for number, name in enumerate(series))
    for terminal, ending in (("svg size 800,480 font 'Helvetica,13'", "svg"),
                             ("pngcairo size 1200,720 font 'Helvetica,16'", "png")):
        script = (f"set terminal {terminal}; set output '{folder / ('spectrum.' + ending)}'; "
                  f"set xtics ({ticks}); set xrange [-0.3:8.3]; set logscale y; set grid y; "
                  f"set key top left; set xlabel 'channel segments'; "
                  f"set ylabel 'milliseconds an image, training'; "
                  f"plot {lines}")
        subprocess.run(["gnuplot", "-e", script], check=True)
    (folder / "spectrum.dat").unlink()


def write(rows, folder, processor, threads, versions):
    """`versions` are those of the packages that were compared, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "measurements.json").write_text(json.dumps(
        {"processor": processor, "threads": threads, "versions": versions, "rows": rows},
        indent=1) + "\n")
    (folder / "table.md").write_text(markdown(rows, processor, threads, versions))
    with open(folder / "table.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    plot(rows, folder)
