# SPDX-License-Identifier: Apache-2.0

"""Writes keras-trajectory.json: ten steps of a small Xception in Keras.

    make parity
    .build/parity/bin/python Tests/Golden/keras-trajectory.py

Weights, images and labels follow from the paths of our parameters by integer arithmetic that
Tests/TrainingTests/KerasTrajectoryTests.swift repeats, so that no weights need to be stored.

Batch norms begin with scales about 1/4. With scales about 1 a step turns so many ReLUs that Keras
with and without oneDNN differ by 1e-2 after ten steps (measured, 3.15.1 on TensorFlow 2.21); so
scaled they differ by 3e-5, and a tolerance of 1e-4 says something.
"""

import json
import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")

import keras
import numpy as np
from keras import layers

STEPS, BATCH, CLASSES, RATE, MOMENTUM = 10, 32, 10, 0.05, 0.9
MULTIPLIER = 0.25
MASK = (1 << 64) - 1


def uniform(name, count):
    """Numbers in [0, 1) that a 32-bit float holds exactly: FNV-1a of the name, then splitmix64."""
    salt = 0xCBF29CE484222325
    for byte in name.encode():
        salt = ((salt ^ byte) * 0x100000001B3) & MASK
    z = np.uint64(salt) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


def signed(name, shape, limit):
    return (2 * uniform(name, int(np.prod(shape))) - 1).reshape(shape) * np.float32(limit)


def kernel(name, shape, fan_in):
    """Uniform in ±2^-e, the smallest e with 4^e ≥ the connections into a unit."""
    exponent = 0
    while 4**exponent < fan_in:
        exponent += 1
    return signed(name, shape, 2.0**-exponent)


def width(channels):
    return max(1, int(np.floor(channels * MULTIPLIER + 0.5)))


def conv(x, name, filters, kernel_size=3, strides=1):
    return layers.Conv2D(
        filters, kernel_size, strides=strides, padding="same", use_bias=False, name=name)(x)


def norm(x, name):
    return layers.BatchNormalization(name=name)(x)


def relu(x):
    return layers.Activation("relu")(x)


def separable(x, name, filters):
    x = layers.DepthwiseConv2D(
        3, padding="same", use_bias=False, name=name + ".depthwise")(x)
    return conv(x, name + ".pointwise", filters, 1)


def module(x, name, widths, stride=1, leading=True):
    y = x
    for index, filters in enumerate(widths, 1):
        y = relu(y) if index > 1 or leading else y
        y = norm(separable(y, f"{name}.separable{index}", filters), f"{name}.bn{index}")
    if stride > 1:
        y = layers.MaxPooling2D(3, strides=stride, padding="same")(y)
        x = norm(
            conv(x, f"{name}.shortcut.conv", widths[-1], 1, stride), f"{name}.shortcut.bn")
    return layers.add([y, x])


def small_xception():
    images = keras.Input((32, 32, 3))
    x = relu(norm(conv(images, "block1.conv1", width(32)), "block1.bn1"))
    x = relu(norm(conv(x, "block1.conv2", width(64)), "block1.bn2"))
    x = module(x, "block2", [width(128)] * 2, 2, leading=False)
    x = module(x, "block3", [width(256)] * 2, 2)
    x = module(x, "block4", [width(728)] * 2, 2)
    for index in range(5, 13):
        x = module(x, f"block{index}", [width(728)] * 3)
    x = module(x, "block13", [width(728), width(1024)], 2)
    for index, filters in ((1, width(1536)), (2, width(2048))):
        x = separable(x, f"block14.separable{index}", filters)
        x = relu(norm(x, f"block14.bn{index}"))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(CLASSES, name="head.dense")(x))


def set_weights(model):
    for layer in model.layers:
        path = layer.name.replace(".", "/")
        if isinstance(layer, layers.BatchNormalization):
            count = layer.gamma.shape[0]
            layer.set_weights([
                0.25 + signed(path + "/scale", (count,), 0.0625), signed(path + "/offset", (count,), 0.25),
                np.zeros(count), np.ones(count)])
        elif isinstance(layer, layers.DepthwiseConv2D):
            shape = layer.kernel.shape
            layer.set_weights([kernel(path + "/kernel", shape, shape[0] * shape[1])])
        elif isinstance(layer, layers.Conv2D):
            shape = layer.kernel.shape
            layer.set_weights([kernel(path + "/kernel", shape, int(np.prod(shape[:-1])))])
        elif isinstance(layer, layers.Dense):
            shape = layer.kernel.shape
            layer.set_weights([
                kernel(path + "/kernel", shape, shape[0]),
                signed(path + "/bias", (shape[1],), 0.25)])


def batch(step):
    """Three batches in turn, so that there is something to learn."""
    number = step % 3
    images = signed(f"images/{number}", (BATCH, 32, 32, 3), 1)
    labels = np.array([(7 * image + 3 * number) % CLASSES for image in range(BATCH)])
    return images, labels


def train_step(model, step):
    # Else the model would answer the mean over all steps.
    model.reset_metrics()
    return float(model.train_on_batch(*batch(step)))


def main():
    model = small_xception()
    set_weights(model)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(RATE, momentum=MOMENTUM), loss)
    losses = [train_step(model, step) for step in range(STEPS)]
    images, labels = batch(0)
    evaluation = float(loss(labels, model(images, training=False)))
    golden = {
        "keras": keras.__version__, "trainableParameters": int(
            sum(np.prod(weight.shape) for weight in model.trainable_weights)),
        "losses": losses, "evaluationLoss": evaluation,
    }
    target = pathlib.Path(__file__).with_name("keras-trajectory.json")
    target.write_text(json.dumps(golden, indent=2) + "\n")
    print(target.read_text())


if __name__ == "__main__":
    main()
