// SPDX-License-Identifier: Apache-2.0

// What micro-kernels read and write.
#pragma once

#include <stddef.h>

#pragma clang assume_nonnull begin

/// A window sliding over one image; the C twin of `WindowGeometry` without its batch.
typedef struct {
  ptrdiff_t inputHeight, inputWidth, channels;
  ptrdiff_t outputHeight, outputWidth;
  ptrdiff_t kernelHeight, kernelWidth;
  ptrdiff_t stride, padTop, padLeft;
} ck_window;

/// Output pixels of a tile, and where their windows and they themselves lie: floats between
/// neighbouring images, rows and pixels of either. A window is `kernelHeight` rows, `tapRow` floats
/// apart, of `kernelWidth` pixels, `tapStep` apart, of `inputs` channels.
typedef struct {
  ptrdiff_t images, height, width;
  ptrdiff_t xImage, xRow, xStep;
  ptrdiff_t yImage, yRow, yStep;
  ptrdiff_t kernelHeight, kernelWidth, tapRow, tapStep;
  ptrdiff_t inputs, outputs;
} ck_tile;

/// Functions of each number alone, whose formulas stand in loops/activation_width.h; NaN stays NaN.
typedef enum { ck_linear, ck_relu, ck_elu, ck_gelu, ck_silu, ck_hard_swish } ck_activation;

/// Numbers as a pass sees them: values · scale + shift by channel, or the values alone where `scale`
/// is null, and an activation of that.
typedef struct {
  const float *_Nullable values;
  const float *_Nullable scale;
  const float *_Nullable shift;
  ck_activation activation;
} ck_view;

/// What happens to sums before they are stored: bias and addend are added, where there are any, and
/// where `isRectified` nothing below zero remains; NaN stays NaN.
typedef struct {
  /// By output channel.
  const float *_Nullable bias;
  /// Laid out as the output; the output itself to accumulate.
  const float *_Nullable addend;
  int isRectified;
} ck_epilogue;

/// What the gradient of a batch norm's input is made of.
typedef struct {
  const float *mean, *inverseDeviation;
  /// Null stands for ones.
  const float *_Nullable gamma;
  const float *sumOfGradients, *sumOfProducts;
  float inverseRows;
} ck_normalization;

/// What happens to a gradient before and after it is stored.
typedef struct {
  /// The forward pass saw this: the gradient is multiplied by the derivative of its activation. No
  /// values: no mask.
  ck_view mask;
  /// Whether the mask is for the sum with what lies there already.
  int masksSum;
  int accumulate;
  /// The batch norm's input whose two sums are wanted of the finished gradient, or null.
  const float *_Nullable activations;
  const float *_Nullable mean;
  const float *_Nullable inverseDeviation;
  /// Where the sums go: of gradients, and of gradients · (activations − mean) · inverseDeviation.
  float *_Nullable gradients;
  float *_Nullable products;
} ck_gradient_epilogue;

/// Padded planes of one segment: floats between neighbouring planes of either side, and between the
/// rows of an input plane; `length` output positions.
typedef struct {
  ptrdiff_t xStride, inputs, yStride, outputs;
  ptrdiff_t kernelHeight, kernelWidth, rowStride, length;
} ck_planes;

/// How the kernel of equal segments lies in memory: row r of channel c at
/// c / width * segmentStride + r * rowStride + c % width.
typedef struct {
  ptrdiff_t rows, width, channels, segmentStride, rowStride;
} ck_lanes;

/// The settings of a step of SGD, RMSprop and AdamW.
typedef struct {
  float learningRate, momentum, decay;
  int isNesterov;
} ck_sgd;
typedef struct {
  float learningRate, rho, momentum, epsilon, decay;
} ck_rmsprop;
typedef struct {
  float learningRate, beta1, beta2, epsilon, decay, correction1, correction2;
} ck_adamw;

#pragma clang assume_nonnull end
