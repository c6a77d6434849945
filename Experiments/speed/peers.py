# SPDX-License-Identifier: Apache-2.0
"""Times the same work in Continuum, PyTorch, Keras on TensorFlow and ONNX Runtime, in alternation.

    make peers

Each measurement is a process of its own that warms up, repeats a batch and answers its median; the
contenders take turns, and the table shows the median over the rounds. Frameworks that are not
installed are skipped, and it is said what they need. Work that is in the table already is not measured
again unless it is named; --only names work. With --beside nothing is written, since a row of the table
is one run side by side.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SPECTRUM = [("regular-conv", None)] + [("segmented-inception", 2**n) for n in range(6)] + [
    ("extreme-inception", None), ("separable-conv", None)]
BLAS_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS")


class Work:
    """A network, what is done with it, and how many images at a time."""

    def __init__(self, network, mode, batch, side, segments=None):
        self.network, self.mode, self.batch = network, mode, batch
        self.side, self.segments = side, segments

    @property
    def name(self):
        plural = "s" if self.segments and self.segments > 1 else ""
        segments = f", {self.segments} segment{plural}" if self.segments else ""
        return f"{self.network}{segments}, {self.mode}, {self.side}², batch {self.batch}"

    @property
    def classes(self):
        return 10 if self.network.startswith("stack") else 1000

    @property
    def argument(self):
        """As `continuum bench` names the network."""
        if not self.network.startswith("stack"):
            return self.network
        block = {"kind": self.network.removeprefix("stack/")}
        if self.segments:
            block["segments"] = self.segments
        return json.dumps({"network": "stack", "width": 64, "block": block})


WORKS = [Work("stack/" + kind, "train", 64, 32, segments) for kind, segments in SPECTRUM] + [
    Work("xception", "train", 8, 299), Work("xception", "train", 32, 299),
    Work("xception", "infer", 8, 299), Work("xception", "infer", 1, 299),
    Work("inception-v3", "train", 8, 299), Work("resnet152", "train", 8, 224),
    Work("vgg16", "train", 8, 224)]


# MARK: One measurement, in a process of its own

def measure(step, batch, seconds):
    """Milliseconds an image: the median of as many batches as fit, at least three.

    Of a step that takes ten times as long as it should, one is enough.
    """
    step()
    before = time.perf_counter()
    step()
    least = 1 if time.perf_counter() - before > 10 * seconds else 3
    times, start = [], time.perf_counter()
    while len(times) < least or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return {"millisecondsPerImage": 1000 * statistics.median(times) / batch,
            "peakMemoryBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def torch_step(work, threads, channels_last):
    import torch
    import torch_networks

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = torch_networks.network(work.network, work.segments).to(memory_format=layout)
    images = torch.randn(work.batch, 3, work.side, work.side).to(memory_format=layout)
    if work.mode == "infer":
        model.eval()

        def infer():
            with torch.inference_mode():
                model(images)
        return infer
    labels = torch.arange(work.batch) % work.classes
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    loss = torch.nn.CrossEntropyLoss()

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss(model(images), labels).backward()
        optimizer.step()
    return train


def keras_step(work, threads):
    os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="",
                      TF_CPP_MIN_LOG_LEVEL="3")
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    import keras
    import keras_networks

    model = keras_networks.network(work.network, work.segments)
    images = tf.random.normal((work.batch, work.side, work.side, 3))
    if work.mode == "infer":
        infer = tf.function(lambda x: model(x, training=False))
        return lambda: infer(images).numpy()
    labels = tf.range(work.batch) % work.classes
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss, jit_compile=False)
    return lambda: model.train_on_batch(images, labels)


def onnx_step(work, threads):
    import io

    import numpy
    import onnxruntime
    import torch
    import torch_networks

    model = torch_networks.network(work.network, work.segments).eval()
    images = torch.randn(work.batch, 3, work.side, work.side)
    file = io.BytesIO()
    torch.onnx.export(model, (images,), file, input_names=["images"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        file.getvalue(), options, providers=["CPUExecutionProvider"])
    feed = {"images": numpy.ascontiguousarray(images.numpy())}
    return lambda: session.run(None, feed)


STEPS = {
    "PyTorch, channels last": lambda work, threads: torch_step(work, threads, True),
    "PyTorch": lambda work, threads: torch_step(work, threads, False),
    "Keras": keras_step, "ONNX Runtime": onnx_step,
}
NEEDS = {"PyTorch, channels last": ["torch"], "PyTorch": ["torch"],
         "Keras": ["keras", "tensorflow"], "ONNX Runtime": ["torch", "onnx", "onnxruntime"]}
ONE_THREAD = "Continuum, one thread"
PACKAGES = {"torch": "torch==2.13.0 (its CPU build)", "tensorflow": "tensorflow-cpu"}
VERSIONED = ["torch", "tensorflow-cpu", "keras", "onnxruntime"]


# MARK: Taking turns

def installed(chosen):
    """The contenders whose names hold what was chosen and whose packages are here."""
    names = []
    for name, modules in NEEDS.items():
        absent = [module for module in modules if importlib.util.find_spec(module) is None]
        if chosen not in name:
            continue
        if absent:
            needs = ", ".join(PACKAGES.get(module, module) for module in absent)
            print(f"{name} is skipped: it needs {needs}", file=sys.stderr)
        else:
            names.append(name)
    return names


def contenders(work, names):
    """ONNX Runtime only infers; one thread is asked for once."""
    is_alone = (work.network, work.mode, work.batch) == ("xception", "train", 8)
    return ["Continuum"] + ([ONE_THREAD] if is_alone else []) + [
        name for name in names if work.mode == "infer" or name != "ONNX Runtime"]


def run(contender, index, arguments):
    work = WORKS[index]
    environment = {key: value for key, value in os.environ.items() if key not in BLAS_SETTINGS}
    environment["OMP_NUM_THREADS"] = str(arguments.threads)
    if contender in ("Continuum", ONE_THREAD):
        threads = 1 if contender == ONE_THREAD else arguments.threads
        words = [arguments.tool, "bench", work.argument, "--mode", work.mode, "--batch",
                 str(work.batch), "--input", f"{work.side}x{work.side}x3", "--classes",
                 str(work.classes), "--threads", str(threads), "--format", "json",
                 "--rounds", str(arguments.batches), "--quiet"]
    else:
        words = [sys.executable, __file__, "--worker", contender, str(index),
                 "--seconds", str(arguments.seconds), "--threads", str(arguments.threads)]
    outcome = subprocess.run(words, env=environment, capture_output=True, text=True)
    if outcome.returncode != 0:
        print(f"  {contender} failed: {outcome.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    answer = json.loads(outcome.stdout[outcome.stdout.index("{"):])
    time_an_image = answer["millisecondsPerImage"]
    if isinstance(time_an_image, dict):
        time_an_image = time_an_image["median"]
    return {"millisecondsPerImage": time_an_image, "peakMemoryBytes": answer["peakMemoryBytes"]}


def versions():
    """Of the packages that are here, by name."""
    found = {}
    for name in VERSIONED:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def compare(index, names, arguments):
    work = WORKS[index]
    print(work.name, file=sys.stderr)
    measured = {}
    for _ in range(arguments.rounds):
        for contender in contenders(work, names):
            answer = run(contender, index, arguments)
            if answer:
                measured.setdefault(contender, []).append(answer)
    rows = []
    for contender, answers in measured.items():
        times = [answer["millisecondsPerImage"] for answer in answers]
        rows.append({
            "work": work.name, "network": work.network, "segments": work.segments,
            "mode": work.mode, "batch": work.batch, "contender": contender, "rounds": len(times),
            "milliseconds": statistics.median(times), "minimum": min(times),
            "maximum": max(times),
            "peakMemoryBytes": max(answer["peakMemoryBytes"] for answer in answers)})
        print(f"  {contender:24} {rows[-1]['milliseconds']:9.2f} ms an image", file=sys.stderr)
    return rows


def machine():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=".build/release/continuum", help="(%(default)s)")
    parser.add_argument("--results", default="Results/speed", type=pathlib.Path,
                        help="the folder to write; rows that it holds are kept (%(default)s)")
    parser.add_argument("--only", help="measure the work whose name holds this")
    parser.add_argument("--beside", default="",
                        help="only contenders whose name holds this; nothing is written")
    parser.add_argument("--rounds", type=int, default=3, help="alternations (%(default)s)")
    parser.add_argument("--batches", type=int, default=5,
                        help="of Continuum, in a round (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3,
                        help="of each other, in a round (%(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(),
                        help="of each (all processors)")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        contender, index = arguments.worker[0], int(arguments.worker[1])
        sys.path.insert(0, str(HERE))
        step = STEPS[contender](WORKS[index], arguments.threads)
        print(json.dumps(measure(step, WORKS[index].batch, arguments.seconds)))
        return
    import report

    chosen = [work for work in WORKS if not arguments.only or arguments.only in work.name]
    if not chosen:
        parser.error(f"--only {arguments.only}: no work's name holds this; there are\n  "
                     + "\n  ".join(work.name for work in WORKS))
    if shutil.which(arguments.tool) is None:
        parser.error(f"--tool {arguments.tool}: no such program; `make build` makes it")
    names = installed(arguments.beside)
    if arguments.beside and not names:
        parser.error(f"--beside {arguments.beside}: none of {', '.join(NEEDS)} that is installed")
    file = arguments.results / "measurements.json"
    rows = json.loads(file.read_text())["rows"] if file.exists() else []
    known = {work.name: {row["contender"] for row in rows if row["work"] == work.name}
             for work in chosen}
    is_anew = bool(arguments.only or arguments.beside)
    kept = 0 if is_anew else sum(bool(those) for those in known.values())
    if kept:
        print(f"{kept} of {len(chosen)} rows stand in {file} and are kept; --results with another"
              " folder measures all, --only one of them anew", file=sys.stderr)
    for index, work in enumerate(WORKS):
        if work not in chosen or known[work.name] and not is_anew:
            continue
        lost = known[work.name] - set(contenders(work, names))
        if lost and not arguments.beside:
            print(f"{work.name} stays as it is in {file}: {', '.join(sorted(lost))} cannot be"
                  " measured here; --results with another folder measures the rest",
                  file=sys.stderr)
            continue
        measured = compare(index, names, arguments)
        if arguments.beside:
            continue
        rows = [row for row in rows if row["work"] != work.name] + measured
        rows.sort(key=lambda row: [work.name for work in WORKS].index(row["work"]))
        report.write(rows, arguments.results, machine(), arguments.threads, versions(),
                     arguments.tool)


if __name__ == "__main__":
    main()
