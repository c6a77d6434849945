# SPDX-License-Identifier: Apache-2.0

"""Makes the small pictures of this folder and what Pillow decodes them to.

Every flavour of PNG and JPEG that can be told apart: bit depths, palettes, alpha, interlacing,
subsampling, progression, inks, orientations. Needs Pillow and libjpeg-turbo's cjpeg and library
(Debian: libjpeg-turbo-progs, libturbojpeg0). Run it in this folder; `make test` needs none of it.

    python3 make.py [FOLDER_OF_PHOTOS]

With a folder of photographs it also writes photos.json: for each the size, the CRC-32 of Pillow's
pixels, and every sixteenth pixel each way.
"""
import base64, ctypes, glob, io, json, os, struct, subprocess, sys, zlib
from PIL import Image, ImageOps

HEIGHT, WIDTH = 17, 23


def level(row, column, channel, most):
    """A smooth but lopsided picture; no two rows, columns or channels are alike."""
    wave = (row * row * (3 + channel) + column * (11 - 2 * channel) + row * column * 2) % 509
    ramp = (row * 9 + column * 5 + channel * 40) % 256
    return min(most, (ramp * 3 + min(wave, 508 - wave)) * (most + 1) // 1024)


def samples(channels, depth):
    most = (1 << depth) - 1
    return [[[level(r, c, k, most) for k in range(channels)] for c in range(WIDTH)]
            for r in range(HEIGHT)]


def packed(row, depth):
    if depth == 16:
        return b"".join(struct.pack(">H", value) for value in row)
    bits = "".join(format(value, f"0{depth}b") for value in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def filtered(rows, step):
    """Each row with another of PNG's five filters."""
    out, before = b"", None
    for number, row in enumerate(rows):
        kind = number % 5
        before = before or bytes(len(row))
        line = bytearray()
        for i, value in enumerate(row):
            left = row[i - step] if i >= step else 0
            up = before[i]
            corner = before[i - step] if i >= step else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda one: abs(guess - one))
            line.append((value - (0, left, up, (left + up) // 2, paeth)[kind]) % 256)
        out += bytes([kind]) + bytes(line)
        before = row
    return out


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(
        ">I", zlib.crc32(name + content))


def png(colour, depth, interlaced=False, before=b"", after=b"", values=None):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    values = values or samples(channels, depth)
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
                  (0, 1, 2, 2), (1, 0, 2, 1)]
    data = b""
    for top, left, down, right in passes:
        rows = [packed([v for pixel in row[left::right] for v in pixel], depth)
                for row in values[top::down]]
        data += filtered([row for row in rows if row], max(1, channels * depth // 8))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, int(interlaced))
    body = zlib.compress(data, 9)
    middle = len(body) // 2
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
            + chunk(b"IDAT", body[:middle]) + chunk(b"IDAT", body[middle:]) + after
            + chunk(b"IEND", b""))


def palette(depth):
    return chunk(b"PLTE", bytes((i * k + 7 * k) % 256 for i in range(1 << depth)
                                for k in (37, 101, 211)))


def tiff(orientation, order="<"):
    """An EXIF block with an entry before the one that matters."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(order + "HHIHH", 0x0100, 3, 1, WIDTH, 0)
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(order + "I", 8) + struct.pack(order + "H", 2) + entries + bytes(4)


def png_files():
    for depth in (1, 2, 4, 8, 16):
        yield f"grey-{depth}", png(0, depth)
    for depth in (8, 16):
        yield f"colour-{depth}", png(2, depth)
        yield f"grey-alpha-{depth}", png(4, depth)
        yield f"colour-alpha-{depth}", png(6, depth)
    for depth in (1, 2, 4, 8):
        yield f"palette-{depth}", png(3, depth, before=palette(depth))
    yield "palette-transparent", png(3, 8, before=palette(8) + chunk(b"tRNS", bytes(range(200))))
    yield "grey-transparent", png(0, 8, before=chunk(b"tRNS", struct.pack(">H", 90)))
    yield "colour-transparent", png(2, 8, before=chunk(b"tRNS", struct.pack(">HHH", 9, 49, 89)))
    for name, colour, depth in (("grey-1", 0, 1), ("palette-4", 3, 4), ("colour-8", 2, 8),
                                ("colour-alpha-16", 6, 16)):
        before = palette(depth) if colour == 3 else b""
        yield f"interlaced-{name}", png(colour, depth, interlaced=True, before=before)
    yield "gamma", png(2, 8, before=chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "orientation-after", png(2, 8, after=chunk(b"eXIf", tiff(6)))
    yield "orientation-before", png(2, 8, before=chunk(b"eXIf", tiff(5, ">")))


def image(mode="RGB"):
    channels = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
    flat = [v for row in samples(channels, 8) for pixel in row for v in pixel]
    return Image.frombytes(mode, (WIDTH, HEIGHT), bytes(flat))


def jpeg(picture, **options):
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    return out.getvalue()


def turbo_jpeg(pixel_format, data, subsampling):
    """TurboJPEG's compressor, which writes what Pillow cannot."""
    library = ctypes.CDLL("libturbojpeg.so.0")
    library.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.tjInitCompress())
    buffer, size = ctypes.c_void_p(None), ctypes.c_ulong(0)
    status = library.tjCompress2(
        handle, data, WIDTH, 0, HEIGHT, pixel_format, ctypes.byref(buffer), ctypes.byref(size),
        subsampling, 90, 0)
    assert status == 0
    return ctypes.string_at(buffer, size.value)


def jpeg_files():
    colour = image()
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"colour-{name}", jpeg(colour, quality=85, subsampling=subsampling)
        yield f"progressive-{name}", jpeg(
            colour, quality=85, subsampling=subsampling, progressive=True)
    yield "grey", jpeg(image("L"), quality=85)
    yield "grey-progressive", jpeg(image("L"), quality=85, progressive=True)
    yield "restarts", jpeg(colour, quality=85, restart_marker_blocks=1)
    yield "low-quality", jpeg(colour, quality=10)
    yield "uncoded-colours", jpeg(colour, quality=85, keep_rgb=True)
    yield "inks", jpeg(image("CMYK"), quality=85)
    inks = bytes(v for row in samples(4, 8) for pixel in row for v in pixel)
    yield "inks-coded", turbo_jpeg(11, inks, 0)
    flat = bytes(v for row in samples(3, 8) for pixel in row for v in pixel)
    yield "colour-440", turbo_jpeg(0, flat, 4)
    yield "colour-411", turbo_jpeg(0, flat, 5)
    source = b"P6 %d %d 255\n" % (WIDTH, HEIGHT) + flat
    for name, options in (("rare-subsampling", ["-sample", "3x2,1x1,1x1"]),
                          ("arithmetic", ["-arithmetic"])):
        yield name, subprocess.run(
            ["cjpeg", "-quality", "85", *options], input=source, capture_output=True,
            check=True).stdout
    for number in range(1, 9):
        exif = b"Exif\0\0" + tiff(number, "<" if number % 2 else ">")
        yield f"orientation-{number}", jpeg(colour, quality=85, exif=exif)
    whole = jpeg(colour, quality=85)
    yield "extraneous-bytes", whole[:-2] + b"\x12\x34" + whole[-2:]


def decoded(data):
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    return picture.height, picture.width, picture.tobytes()


def entry(name, data):
    height, width, pixels = decoded(data)
    if name == "grey-16.png":  # Pillow turns every value above 255 white; we take the high byte.
        pixels = bytes(v for row in samples(1, 16) for pixel in row for v in [pixel[0] >> 8] * 3)
    return {"height": height, "width": width, "pixels": base64.b64encode(pixels).decode()}


def resized():
    """Pillow's resampling of colour-8.png, larger and smaller, each way by another factor."""
    source = Image.open(io.BytesIO(png(2, 8))).convert("RGB")
    for name, kind in (("bilinear", Image.Resampling.BILINEAR),
                       ("bicubic", Image.Resampling.BICUBIC)):
        for height, width in ((5, 7), (17, 9), (8, 23), (31, 40), (1, 1), (60, 3), (17, 23)):
            pixels = source.resize((width, height), kind).tobytes()
            yield {"filter": name, "height": height, "width": width,
                   "pixels": base64.b64encode(pixels).decode()}


def photograph(path):
    with open(path, "rb") as file:
        height, width, pixels = decoded(file.read())
    grid = b"".join(pixels[(row * width + column) * 3:][:3]
                    for row in range(0, height, 16) for column in range(0, width, 16))
    return {"height": height, "width": width, "crc32": zlib.crc32(pixels),
            "grid": base64.b64encode(grid).decode()}


def write(name, content):
    with open(name, "w") as file:
        json.dump(content, file, indent=1, sort_keys=True)
        file.write("\n")


def main():
    expected = {}
    for ending, files in (("png", png_files()), ("jpg", jpeg_files())):
        for name, data in files:
            with open(f"{name}.{ending}", "wb") as file:
                file.write(data)
            expected[f"{name}.{ending}"] = entry(f"{name}.{ending}", data)
    write("expected.json", expected)
    write("resized.json", list(resized()))
    if len(sys.argv) > 1:
        photos = sorted(glob.glob(f"{sys.argv[1]}/*.png") + glob.glob(f"{sys.argv[1]}/*.jpg"))
        write("photos.json", {os.path.basename(path): photograph(path) for path in photos})


main()
