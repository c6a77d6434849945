# SPDX-License-Identifier: Apache-2.0
"""The networks of the comparison in Keras: its own applications, and `stack`."""

import keras
from keras import layers


def stack(kind, segments=1, width=64, classes=10):
    def conv(x, filters, kernel, strides=1, groups=1):
        return layers.Conv2D(
            filters, kernel, strides=strides, padding="same", groups=groups, use_bias=False)(x)

    def block(x, filters):
        if kind == "regular-conv":
            return conv(x, filters, 3)
        if kind == "separable-conv":
            return layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
        x = conv(x, filters, 1)
        if kind == "extreme-inception":
            return layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        return conv(x, filters, 3, groups=segments)

    def relu(x):
        return layers.Activation("relu")(x)

    images = keras.Input((32, 32, 3))
    x = relu(layers.BatchNormalization()(conv(images, width, 3)))
    for stage in range(3):
        filters = width << stage
        for unit in range(2):
            shortcut = x
            for _ in range(2):
                x = layers.BatchNormalization()(block(relu(x), filters))
            if stage > 0 and unit == 0:
                x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
                shortcut = layers.BatchNormalization()(conv(shortcut, filters, 1, 2))
            x = layers.add([x, shortcut])
    x = layers.GlobalAveragePooling2D()(relu(x))
    return keras.Model(images, layers.Dense(classes)(x))


def network(name, segments=None):
    if name.startswith("stack"):
        return stack(name.removeprefix("stack/"), segments or 1)
    build = {"xception": keras.applications.Xception,
             "inception-v3": keras.applications.InceptionV3,
             "resnet152": keras.applications.ResNet152, "vgg16": keras.applications.VGG16}[name]
    return build(weights=None, classifier_activation=None)
