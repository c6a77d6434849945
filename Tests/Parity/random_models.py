# SPDX-License-Identifier: Apache-2.0

"""Random whole models of Keras: networks of ours, and what people change about them.

A model is *faithful* where all that differs from the network can be followed: then our answers must be
Keras'. Anything else may be refused instead, with its reason.
"""

import json

import numpy as np

NAMES = ["dense_77", "conv2d_77", "x.y", "kernel", "gamma", "vars", "0", "layers", "re_lu_77",
         "batch_normalization_77", "th_kernels", "model_weights", "functional_77", "name" * 30]
SLASHED = ["block/1", "block/1/conv", "a/b/c", "a/b"]


class Draw:
    """The choices behind one model, and whether all of them can be followed."""

    def __init__(self, seed, keras, is_legacy):
        self.random = np.random.default_rng(seed)
        self.k, self.is_legacy = keras, is_legacy
        self.faithful, self.changes = True, []
        # Python's own strings: h5py takes no others.
        self.names = self.random.permutation(NAMES + (SLASHED if is_legacy else [])).tolist()
        # Few changes a model, so that many come through to the end.
        self.rate = float(self.random.choice([0, 0, 0.02, 0.08, 0.3]))

    def chance(self, share):
        return bool(self.random.random() < share)

    def pick(self, items):
        return items[int(self.random.integers(len(items)))]

    def followed(self, usual, others, what, share=0.4):
        """Another value than usual, which must be followed."""
        if not self.chance(share):
            return usual
        value = self.pick(others)
        self.changes.append(f"{what} {value}")
        return value

    def changed(self, usual, others, what):
        """Another value than usual, which may be refused."""
        if not self.chance(self.rate):
            return usual
        value = self.pick(others)
        self.changes.append(f"{what} {value}")
        self.faithful = False
        return value

    def name(self):
        return {"name": self.names.pop()} if self.names and self.chance(0.3) else {}

    # Layers, each as the network has it but for what is drawn.

    def conv(self, x, filters, kernel, stride=1, bias=False, activation=None, padding="same"):
        layers = self.k.layers
        dilation = self.changed(1, [2], "dilation") if stride == 1 else 1
        return layers.Conv2D(
            filters, self.changed(kernel, [1, 2, 3, 5], "kernel"),
            strides=self.changed(stride, [1, 2], "stride") if dilation == 1 else 1,
            padding=self.changed(padding, ["valid", "same"], "padding"), dilation_rate=dilation,
            use_bias=self.changed(bias, [True, False], "bias"),
            activation=self.changed(activation, ["relu", "tanh", "elu"], "activation"),
            **self.name())(x)

    def separable(self, x, filters):
        layers = self.k.layers
        multiplier = self.changed(1, [2], "depth multiplier")
        padding = self.changed("same", ["valid"], "padding")
        if self.chance(0.5):
            return layers.SeparableConv2D(
                filters, 3, padding=padding, use_bias=self.changed(False, [True], "bias"),
                depth_multiplier=multiplier, **self.name())(x)
        x = layers.DepthwiseConv2D(
            3, padding=padding, use_bias=self.changed(False, [True], "bias"),
            depth_multiplier=multiplier, **self.name())(x)
        return layers.Conv2D(filters, 1, use_bias=False, **self.name())(x)

    def norm(self, x):
        epsilon = self.followed(1e-3, [1e-5, 1e-2, 0.2], "epsilon", 0.3)
        return self.k.layers.BatchNormalization(
            epsilon=epsilon, scale=self.changed(True, [False], "scale"),
            center=self.changed(True, [False], "center"), **self.name())(x)

    def relu(self, x):
        layers = self.k.layers
        kind = self.changed("relu", ["elu", "tanh", "leaky", "relu6", "slope"], "activation")
        if kind == "leaky":
            return layers.LeakyReLU()(x)
        if kind == "slope":
            return layers.ReLU(negative_slope=0.1)(x)
        if kind == "relu6":
            return layers.ReLU(max_value=6.0)(x)
        if kind != "relu" or self.chance(0.5):
            return layers.Activation(kind, **self.name())(x)
        return layers.ReLU(**self.name())(x)

    def idle(self, x):
        layers = self.k.layers
        for _ in range(int(self.chance(0.3))):
            x = self.pick([lambda: layers.Dropout(0.3), lambda: layers.GaussianNoise(0.1),
                           lambda: layers.SpatialDropout2D(0.2) if len(x.shape) == 4
                           else layers.Dropout(0.1),
                           lambda: layers.Activation("linear")])()(x)
        return x

    def add(self, a, b):
        if self.chance(0.3):
            a, b = b, a
        return self.k.layers.Add(**self.name())([a, b])


def front(draw, x):
    """What stands before the first layer."""
    layers = draw.k.layers
    kind = draw.followed("none", ["rescaling", "channels", "normalization", "flip", "operators"],
                         "front", 0.5)
    if kind == "rescaling":
        x = layers.Rescaling(draw.pick([0.25, 1 / 255, 2.0]), offset=draw.pick([0.0, -1.0]))(x)
    elif kind == "channels":
        x = layers.Rescaling([0.5, 1.5, 2.0], offset=[0.1, 0.0, -0.2])(x)
    elif kind == "normalization":
        layer = layers.Normalization()
        layer.adapt(draw.random.normal(0.3, 2, (16, 4, 4, 3)).astype("float32"))
        x = layer(x)
    elif kind == "flip":
        x = layers.RandomFlip("horizontal")(x)
    elif kind == "operators":
        x = x / 2.0 - 0.5
    if draw.changed(False, [True], "padding in front"):
        x = layers.ZeroPadding2D(1)(x)
    return x


def probe(draw, x):
    kind = draw.pick(["separable-conv", "regular-conv"])
    width, stem = draw.pick([3, 4, 8]), draw.pick([4, 8])
    x = draw.idle(draw.conv(x, stem, 1))
    x = draw.separable(x, width) if kind == "separable-conv" else draw.conv(x, width, 3)
    x = draw.relu(draw.idle(draw.norm(x)))
    return x, {"network": "probe", "width": width, "stemWidth": stem, "block": {"kind": kind}}


def stack(draw, x):
    width, stages, residual = draw.pick([4, 6]), draw.pick([1, 2]), draw.chance(0.7)
    k = draw.k
    x = draw.relu(draw.norm(draw.conv(x, width, 3)))
    for stage in range(stages):
        filters, stride = width * 2 ** stage, 2 if stage else 1
        before = x
        for _ in range(2):
            x = draw.norm(draw.separable(draw.relu(x), filters))
        if stride == 2:
            x = k.layers.MaxPooling2D(draw.changed(3, [2], "pool"), strides=2, padding="same")(x)
        if residual:
            if stride == 2:
                before = draw.norm(draw.conv(before, filters, 1, stride=2))
            x = draw.add(x, before)
    return draw.relu(x), {
        "network": "stack", "width": width, "stages": stages, "unitsPerStage": 1,
        "residual": residual, "block": {"kind": "separable-conv"}}


def vgg(draw, x):
    share = draw.pick([0.03125, 0.0625])
    for convolutions, factor in [(2, 1), (2, 2), (3, 4), (3, 8), (3, 8)]:
        for _ in range(convolutions):
            filters = max(1, round(64 * factor * share))
            x = draw.conv(x, filters, 3, bias=True, activation="relu")
        x = draw.k.layers.MaxPooling2D(2, strides=draw.changed(2, [1], "stride"))(x)
    return x, {"network": "vgg16", "small": True, "widthMultiplier": share}


def head(draw, x, network, classes):
    layers = draw.k.layers
    if network["network"] == "vgg16":
        x = layers.Flatten(**draw.name())(x)
        for _ in range(2):
            x = draw.idle(layers.Dense(round(512 * network["widthMultiplier"]), activation="relu",
                                       **draw.name())(x))
    else:
        pool = draw.changed("mean", ["maximum", "flatten"], "pooling")
        x = {"mean": layers.GlobalAveragePooling2D, "maximum": layers.GlobalMaxPooling2D,
             "flatten": layers.Flatten}[pool](**draw.name())(x)
    x = draw.idle(x)
    kind = draw.followed("softmax", ["sigmoid", "linear"], "head", 0.3)
    kind = draw.changed(kind, ["tanh", "relu"], "head")
    if draw.chance(0.3):
        return layers.Activation(kind)(layers.Dense(classes)(x)), kind
    return layers.Dense(classes, activation=kind, **draw.name())(x), kind


def numbers(draw, model):
    """Random weights; batch-norm statistics are positive."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            numbers(draw, layer)
        elif type(layer).__name__ == "BatchNormalization":
            layer.set_weights([
                np.float32(np.abs(draw.random.normal(1, 0.3, w.shape)) + 0.1
                           if "variance" in str(v.name) else draw.random.normal(0.5, 0.5, w.shape))
                for v, w in zip(layer.weights, layer.get_weights())])
        elif layer.weights and type(layer).__name__ != "Normalization":
            layer.set_weights([
                np.float32(draw.random.normal(0, (2 / max(1, np.prod(w.shape[:-1]))) ** 0.5
                                              if w.ndim > 1 else 0.2, w.shape))
                for w in layer.get_weights()])


def freeze(draw, base):
    """Layers that do not learn stand in another order in legacy files."""
    kind = draw.pick(["nothing", "all", "some"])
    if kind == "all":
        base.trainable = False
    elif kind == "some":
        for layer in base.layers:
            layer.trainable = draw.chance(0.5)


def model(draw):
    """A model, the network it is to be for, its head and the size of its images."""
    k = draw.k
    build = draw.pick([probe, probe, probe, stack, stack, vgg])
    side = 32 if build is vgg else int(draw.random.integers(5, 15))
    shape = (side, side, 3)
    stated = shape if build is vgg else draw.pick([shape, shape, (None, None, 3)])
    classes = int(draw.random.integers(2, 7))
    nesting = draw.pick(["none", "sequential", "functional", "deep"])
    draw.changes.append(f"{build.__name__} {nesting}")
    inputs = k.Input(stated)
    if nesting == "none":
        features, network = build(draw, front(draw, inputs))
        outputs, kind = head(draw, features, network, classes)
        whole = k.Model(inputs, outputs)
    else:
        features, network = build(draw, inputs if nesting == "sequential" else front(draw, inputs))
        base = k.Model(inputs, features, **draw.name())
        freeze(draw, base)
        if nesting == "deep":
            base = k.Sequential([k.Input(stated), base], **draw.name())
        outer = k.Input(stated)
        x = front(draw, outer) if nesting == "sequential" else outer
        outputs, kind = head(draw, base(x, training=False), network, classes)
        whole = k.Model(outer, outputs)
    numbers(draw, whole)
    return whole, json.dumps(network), kind, shape
