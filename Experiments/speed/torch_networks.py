# SPDX-License-Identifier: Apache-2.0
"""The networks of the comparison in PyTorch, as fast as its eager mode runs them."""

import torch
from torch import nn


def conv(inputs, outputs, kernel, stride=1, padding=None, groups=1, bias=False):
    if padding is None:
        size = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        padding = tuple(side // 2 for side in size)
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=bias)


def norm(channels, epsilon=1e-3):
    return nn.BatchNorm2d(channels, epsilon, momentum=0.01)


def block(kind, inputs, outputs, segments=1):
    """A point of the spectrum, nothing between its two operations."""
    if kind == "regular-conv":
        return conv(inputs, outputs, 3)
    if kind == "separable-conv":
        return nn.Sequential(
            conv(inputs, inputs, 3, groups=inputs), conv(inputs, outputs, 1))
    groups = outputs if kind == "extreme-inception" else segments
    return nn.Sequential(conv(inputs, outputs, 1), conv(outputs, outputs, 3, groups=groups))


class Residual(nn.Module):
    """[ReLU → unit → BN] × n, a pool where the stride is above 1, and a linear shortcut."""

    def __init__(self, inputs, units, stride=1, leading=True):
        super().__init__()
        steps = []
        for index, (unit, outputs) in enumerate(units):
            if leading or index > 0:
                # A leading ReLU must not change the shortcut's value.
                steps.append(nn.ReLU(inplace=index > 0))
            steps += [unit, norm(outputs)]
        if stride > 1:
            steps.append(nn.MaxPool2d(3, stride, 1))
        self.trunk = nn.Sequential(*steps)
        outputs = units[-1][1]
        self.shortcut = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                conv(inputs, outputs, 1, stride, padding=0), norm(outputs))

    def forward(self, x):
        return self.trunk(x) + self.shortcut(x)


def head(channels, classes):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def stack(kind, segments=1, width=64, classes=10):
    layers = [conv(3, width, 3), norm(width), nn.ReLU(inplace=True)]
    channels = width
    for stage in range(3):
        filters = width << stage
        for unit in range(2):
            units = [(block(kind, channels, filters, segments), filters),
                     (block(kind, filters, filters, segments), filters)]
            layers.append(Residual(channels, units, stride=2 if stage > 0 and unit == 0 else 1))
            channels = filters
    return nn.Sequential(*layers, nn.ReLU(inplace=True), *head(channels, classes))


def xception(classes=1000):
    def separable(inputs, outputs):
        return block("separable-conv", inputs, outputs), outputs

    layers = [conv(3, 32, 3, 2, padding=0), norm(32), nn.ReLU(inplace=True),
              conv(32, 64, 3, padding=0), norm(64), nn.ReLU(inplace=True)]
    channels = 64
    for filters in (128, 256, 728):
        units = [separable(channels, filters), separable(filters, filters)]
        layers.append(Residual(channels, units, 2, leading=filters != 128))
        channels = filters
    layers += [Residual(728, [separable(728, 728) for _ in range(3)])
               for _ in range(8)]
    layers.append(Residual(728, [separable(728, 728), separable(728, 1024)], 2))
    for inputs, outputs in ((1024, 1536), (1536, 2048)):
        layers += [separable(inputs, outputs)[0], norm(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, *head(2048, classes))


class Towers(nn.Module):
    def __init__(self, *towers):
        super().__init__()
        self.towers = nn.ModuleList(towers)

    def forward(self, x):
        return torch.cat([tower(x) for tower in self.towers], 1)


def inception_v3(classes=1000):
    def unit(inputs, outputs, kernel, stride=1, padding=None):
        return nn.Sequential(
            conv(inputs, outputs, kernel, stride, padding), norm(outputs), nn.ReLU(inplace=True))

    def chain(inputs, *steps):
        layers = []
        for outputs, kernel, *rest in steps:
            layers.append(unit(inputs, outputs, kernel, *rest))
            inputs = outputs
        return nn.Sequential(*layers)

    def pooled(inputs, outputs):
        return nn.Sequential(
            nn.AvgPool2d(3, 1, 1, count_include_pad=False), unit(inputs, outputs, 1))

    def fork(inputs):
        return Towers(unit(inputs, 384, (1, 3)), unit(inputs, 384, (3, 1)))

    row, column, half = (1, 7), (7, 1), (2, 0)
    layers = [unit(3, 32, 3, 2, 0), unit(32, 32, 3, 1, 0), unit(32, 64, 3), nn.MaxPool2d(3, 2),
              unit(64, 80, 1), unit(80, 192, 3, 1, 0), nn.MaxPool2d(3, 2)]
    channels = 192
    for pool in (32, 64, 64):
        layers.append(Towers(
            unit(channels, 64, 1), chain(channels, (48, 1), (64, 5)),
            chain(channels, (64, 1), (96, 3), (96, 3)), pooled(channels, pool)))
        channels = 224 + pool
    layers.append(Towers(
        unit(288, 384, 3, *half), chain(288, (64, 1), (96, 3), (96, 3, *half)),
        nn.MaxPool2d(3, 2)))
    for inner in (128, 160, 160, 192):
        layers.append(Towers(
            unit(768, 192, 1), chain(768, (inner, 1), (inner, row), (192, column)),
            chain(768, (inner, 1), (inner, column), (inner, row), (inner, column), (192, row)),
            pooled(768, 192)))
    layers.append(Towers(
        chain(768, (192, 1), (320, 3, *half)),
        chain(768, (192, 1), (192, row), (192, column), (192, 3, *half)), nn.MaxPool2d(3, 2)))
    for channels in (1280, 2048):
        layers.append(Towers(
            unit(channels, 320, 1), nn.Sequential(unit(channels, 384, 1), fork(384)),
            nn.Sequential(unit(channels, 448, 1), unit(448, 384, 3), fork(384)),
            pooled(channels, 192)))
    return nn.Sequential(*layers, *head(2048, classes))


class Bottleneck(nn.Module):
    def __init__(self, inputs, filters, stride, projects):
        super().__init__()
        outputs = 4 * filters
        self.trunk = nn.Sequential(
            conv(inputs, filters, 1, stride, 0, bias=True), norm(filters, 1.001e-5),
            nn.ReLU(inplace=True), conv(filters, filters, 3, bias=True),
            norm(filters, 1.001e-5), nn.ReLU(inplace=True),
            conv(filters, outputs, 1, bias=True), norm(outputs, 1.001e-5))
        self.shortcut = nn.Identity()
        if projects:
            self.shortcut = nn.Sequential(
                conv(inputs, outputs, 1, stride, 0, bias=True), norm(outputs, 1.001e-5))

    def forward(self, x):
        return torch.relu_(self.trunk(x) + self.shortcut(x))


def resnet152(classes=1000):
    layers = [conv(3, 64, 7, 2, bias=True), norm(64, 1.001e-5), nn.ReLU(inplace=True),
              nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, (count, filters) in enumerate(((3, 64), (8, 128), (36, 256), (3, 512))):
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            layers.append(Bottleneck(channels, filters, stride, projects=index == 0))
            channels = 4 * filters
    return nn.Sequential(*layers, *head(channels, classes))


def vgg16(classes=1000):
    layers, channels = [], 3
    for count, filters in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(count):
            layers += [conv(channels, filters, 3, bias=True), nn.ReLU(inplace=True)]
            channels = filters
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(512 * 49, 4096), nn.ReLU(inplace=True),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Linear(4096, classes))


def network(name, segments=None):
    if name.startswith("stack"):
        return stack(name.removeprefix("stack/"), segments or 1)
    return {"xception": xception, "inception-v3": inception_v3, "resnet152": resnet152,
            "vgg16": vgg16}[name]()
