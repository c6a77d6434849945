# SPDX-License-Identifier: Apache-2.0

"""Compares how pictures and folders are read with Pillow and Keras themselves.

    make parity

1. Pictures that state how they stand in every way, or that decoders warn of: `continuum predict` says the
   same of each as of the upright PNG that Pillow's exif_transpose makes of it.
2. Folders with odd names: `continuum data verify` lists the classes in the order that Keras gives them.
"""

import io
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings
import zlib

os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")

import h5py
import keras
import numpy as np
import PIL
from PIL import Image, ImageOps

PROBE = '{"network": "probe", "width": 8}'
XMP_NAME = b"XML:com.adobe.xmp"
CLASSES = ["01", "10", "2", "A", "A\u0308pfel2", "B", "Zebra", "_", "a b", "a-b", "a_b", "ab", "b",
           "e\u0301clair", "fig", "n\u0303u", "strasse", "stra\u00dfe", "~", "\u00c4pfel", "\u00df",
           "\u00e9", "\u0130stanbul", "\u03a9", "\u2126ohm", "\u65e5\u672c", "\ud55c\uad6d",
           "\uf900", "\ufb01sh", "\U0001f600"]


def tiff(kind, value, count=1, tail=b""):
    entry = struct.pack("<HHI", 0x0112, kind, count) + (value + bytes(4))[:4]
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4) + tail


def chunk(name, content):
    return (struct.pack(">I", len(content)) + name + content
            + struct.pack(">I", zlib.crc32(name + content)))


def encoded(form, **options):
    rows, columns = np.mgrid[0:24, 0:40]
    pixels = np.stack([rows * 10, columns * 6, rows * columns % 256], axis=2).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


def blocks():
    six, behind = struct.pack("<I", 6), struct.pack("<I", 26)
    for kind in (1, 2, 3, 4, 6, 7, 8, 9, 13, 99):
        yield f"type-{kind}", tiff(kind, six)
    yield "float", tiff(11, struct.pack("<f", 6))
    yield "double", tiff(12, behind, tail=struct.pack("<d", 6))
    yield "rational", tiff(5, behind, tail=struct.pack("<II", 12, 2))
    yield "two", tiff(3, struct.pack("<HH", 6, 1), 2)
    yield "nine", tiff(3, struct.pack("<I", 9))
    yield "none", tiff(3, six, 0)


def pictures():
    for name, block in blocks():
        yield f"{name}.jpg", encoded("JPEG", exif=b"Exif\0\0" + block)
    jpeg, png = encoded("JPEG"), encoded("PNG")
    for name, text in (("attribute", b'tiff:Orientation="8"'), ("element", b"tiff:Orientation>3<"),
                       ("quotes", b"tiff:Orientation='6'")):
        content = b"http://ns.adobe.com/xap/1.0/\0" + text
        segment = b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content
        yield f"xmp-{name}.jpg", jpeg[:2] + segment + jpeg[2:]
        note = chunk(b"iTXt", XMP_NAME + b"\0\0\0\0\0" + text)
        yield f"xmp-{name}.png", png[:33] + note + png[33:]
        yield f"xmp-{name}-behind.png", png[:-12] + note + png[-12:]
        packed = chunk(b"zTXt", XMP_NAME + b"\0\0" + zlib.compress(text))
        yield f"xmp-{name}-packed.png", png[:33] + packed + png[33:]
    digits = tiff(3, b"\6").hex().encode()
    raw = chunk(b"tEXt", b"Raw profile type exif\0\nexif\n      38\n" + digits + b"\n")
    yield "raw-profile.png", png[:33] + raw + png[33:]
    yield "stray-bytes.jpg", jpeg[:-2] + b"\7" * 200 + jpeg[-2:]
    yield "no-end.png", png[:-12]


class Comparison:
    def __init__(self, tool, folder):
        self.tool, self.folder, self.failures = tool, folder, 0

    def run(self, *words):
        done = subprocess.run([self.tool, "--quiet", *map(str, words)], check=True,
                              capture_output=True)
        return done.stdout.decode()

    def report(self, what, good):
        self.failures += not good
        print(f"{what:60} {'ok' if good else 'FAILED'}")

    def weights(self):
        for number in range(8):
            place = self.folder / "set" / "ab"[number % 2] / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (30 * number, 90, 255 - 20 * number)).save(place)
        self.run("train", PROBE, "--dataset", "image-folder", "--set", f"data.path={self.folder}/set",
                 "--set", "data.preprocessing.size=32", "--epochs", 1, "--batch", 2, "--results",
                 self.folder / "results")
        return next((self.folder / "results" / "runs").glob("*.h5"))

    def said(self, weights, picture):
        output = self.folder / "said.h5"
        output.unlink(missing_ok=True)
        self.run("predict", PROBE, "--weights", weights, "--input", picture, "--output", output)
        with h5py.File(output) as file:
            return file["logits"][:]

    def pictures(self):
        weights = self.weights()
        for name, data in pictures():
            place = self.folder / name
            place.write_bytes(data)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                stored = Image.open(place).convert("RGB")
                upright = ImageOps.exif_transpose(Image.open(place)).convert("RGB")
            upright.save(self.folder / "upright.png", "PNG")
            turned = upright.tobytes() != stored.tobytes()
            same = np.array_equal(
                self.said(weights, place), self.said(weights, self.folder / "upright.png"))
            self.report(f"{name}{', which Pillow turns' if turned else ''}", same)

    def classes(self):
        root = self.folder / "odd"
        for name in CLASSES:
            (root / name).mkdir(parents=True)
            for number in range(2):
                Image.new("RGB", (8, 8)).save(root / name / f"{number}.png")
        theirs = keras.utils.image_dataset_from_directory(str(root), verbose=False).class_names
        text = self.run("data", "verify", "image-folder", "--set", f"path={root}")
        table = text.split("\n─", 1)[1].split("\n", 1)[1].split("\n─", 1)[0]
        ours = [" ".join(line.split()[:-2]) for line in table.split("\n")]
        self.report(f"{len(CLASSES)} classes in Keras' order", ours == theirs)


def main():
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(sys.argv[1], pathlib.Path(folder))
        comparison.pictures()
        comparison.classes()
    print(f"Pillow {PIL.__version__}, Keras {keras.__version__}: {comparison.failures} failures")
    sys.exit(comparison.failures > 0)


if __name__ == "__main__":
    main()
