// SPDX-License-Identifier: Apache-2.0

// The micro-kernels: SIMD inner loops of the Kernels module, compiled once for each level of
// processor and gathered in a table a level.
//
// Every function is pure: it reads and writes only the memory named by its arguments, allocates
// nothing and knows nothing of threads. Activations are NHWC, kernels HWIO, all floats 32 bits.
// `accumulate` non-zero means `+=`, zero means `=`. Sizes are checked by the callers in Kernels.
#pragma once

#include <stddef.h>

#include "ck_types.h"

#pragma clang assume_nonnull begin

// MARK: The table of a level

/// The micro-kernels of one level of processor.
typedef struct {
  /// For a person: `AVX-512`.
  const char *name;
  /// Columns of a packed kernel's panel.
  ptrdiff_t panelWidth;

  // MARK: Elementwise

  int (*allFinite)(const float *x, ptrdiff_t n);
  void (*add)(const float *a, const float *b, float *y, ptrdiff_t n);
  void (*copy)(const float *x, float *y, ptrdiff_t n, int accumulate);
  void (*multiply)(const float *x, const float *mask, float *y, ptrdiff_t n, int accumulate);
  /// Copies `count` columns of every row between matrices of different row lengths.
  void (*copyColumns)(
      const float *x, ptrdiff_t xColumns, float *y, ptrdiff_t yColumns, ptrdiff_t count,
      ptrdiff_t rows, int accumulate);
  /// y[i] = sum over parts of x[part][i], parts in order.
  void (*sumParts)(const float *x, ptrdiff_t parts, ptrdiff_t stride, float *y, ptrdiff_t n);

  // MARK: Rows of channels

  void (*addRow)(const float *row, float *y, ptrdiff_t rows, ptrdiff_t channels);
  void (*columnSums)(
      const float *x, ptrdiff_t rows, ptrdiff_t channels, float *sums, int accumulate);
  /// Mean and sum of squared distances from it, of each column; accurate for any mean.
  void (*moments)(const float *x, ptrdiff_t rows, ptrdiff_t channels, float *mean, float *squares);
  /// The sums of dy and of dy · (x − mean) · inverseDeviation down each column.
  void (*normalizationSums)(
      const float *x, const float *dy, ptrdiff_t rows, ptrdiff_t channels, const float *mean,
      const float *inverseDeviation, float *sumOfGradients, float *sumOfProducts);
  void (*normalizationGradient)(
      const float *x, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t channels,
      const ck_normalization *normalization, int accumulate);
  /// Rows of y, `yStep` apart, = x.
  void (*viewRows)(const ck_view *x, float *y, ptrdiff_t yStep, ptrdiff_t rows, ptrdiff_t channels);
  /// The sum down each column of x.
  void (*viewSums)(const ck_view *x, ptrdiff_t rows, ptrdiff_t channels, float *sums);
  /// y = a + b; y may be the values of either.
  void (*addRows)(const ck_view *a, const ck_view *b, float *y, ptrdiff_t rows, ptrdiff_t channels);
  /// dx = d, whose rows are `dStep` apart, as the epilogue says; dx may be d.
  void (*mergeGradient)(
      const float *d, ptrdiff_t dStep, const ck_gradient_epilogue *epilogue, float *dx,
      ptrdiff_t rows, ptrdiff_t channels);
  /// y[row] (+)= row · factor for every row, times the derivative of the mask's activation where it
  /// has values.
  void (*spreadRow)(
      const float *row, float factor, const ck_view *mask, float *y, ptrdiff_t rows,
      ptrdiff_t channels, int accumulate);

  // MARK: Convolution through columns

  /// Adds the windows of output pixels [start, start + count) of an image, rows [kernelHeight,
  /// kernelWidth, inputCount] of `columns`, onto x.
  void (*addColumns)(
      const float *columns, const ck_window *window, ptrdiff_t inputStart, ptrdiff_t inputCount,
      ptrdiff_t start, ptrdiff_t count, float *x);
  /// [taps, inputs, outputs] to [taps, outputs, inputs] with the taps in reverse.
  void (*flipKernel)(
      const float *kernel, ptrdiff_t taps, ptrdiff_t inputs, ptrdiff_t outputs, float *flipped);

  // MARK: Direct convolution

  /// [rows, columns], rows `stride` apart, into panels of `panelWidth` columns, each [1 + rows,
  /// width], the last one filled up with zeros to a multiple of at most 16 columns. A panel's first
  /// row is the bias, zeros where it is null; a `scale` that is not null multiplies the columns.
  void (*packKernel)(
      const float *kernel, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride,
      const float *_Nullable scale, const float *_Nullable bias, float *packed);
  /// y = the windows at x times the packed kernel [kernelHeight, kernelWidth, inputs, outputs], with
  /// the bias packed in it and the epilogue's addend. `next` is where the thread reads its kernel
  /// after this one, to be prefetched, or null.
  void (*directRows)(
      const float *x, const ck_tile *tile, const float *packed, const float *_Nullable next,
      const ck_epilogue *epilogue, float *y);
  /// sums [kernelHeight, kernelWidth, inputs, outputs] (+)= the windows at x, transposed, times dy.
  /// Scratch: 64 floats for every pixel and every row of the kernel, only where `outputs` is no
  /// multiple of 16.
  void (*directOuter)(
      const float *x, const float *dy, const ck_tile *tile, float *scratch, int accumulate,
      float *sums);

  // MARK: Equal segments of 1, 2, 4 or 8 channels, at least 16 channels in all

  /// `directRows` by a kernel as `ck_pack_lanes` lays it out; of the epilogue only the ReLU.
  void (*lanesRows)(
      const float *x, const ck_tile *tile, ptrdiff_t width, const float *kernel,
      const ck_epilogue *epilogue, float *y);
  /// sums += the kernel's gradient, laid out likewise but without a bias.
  void (*lanesOuter)(
      const float *x, const float *dy, const ck_tile *tile, ptrdiff_t width, float *sums);

  // MARK: Winograd's convolution of 3×3 windows at stride 1

  // A tile's blocks of 2×2 outputs are counted through its images, row by row; those at an odd edge
  // are not full. Of blocks [first, first + count), 16 matrices of a row for each block, `stride`
  // floats apart, are made or read.

  /// The transformed windows [16][count, inputs]; windows reach to full blocks.
  void (*winogradWindows)(
      const float *x, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *windows,
      ptrdiff_t stride);
  /// y = the products [16][count, outputs] transformed back; the epilogue has a bias.
  void (*winogradPixels)(
      const float *products, ptrdiff_t stride, const ck_tile *tile, ptrdiff_t first,
      ptrdiff_t count, const ck_epilogue *epilogue, float *y);
  /// The transformed gradients [16][count, outputs].
  void (*winogradGradients)(
      const float *dy, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *gradients,
      ptrdiff_t stride);
  /// Numbers [start, start + count) of nine taps, `stride` floats apart, to 16 matrices in place.
  void (*winogradKernel)(float *taps, ptrdiff_t stride, ptrdiff_t start, ptrdiff_t count);
  /// The kernel's gradient [9][count] of 16 sums of products, `stride` floats apart.
  void (*winogradTaps)(const float *sums, ptrdiff_t stride, ptrdiff_t count, float *taps);

  // MARK: Convolution through planes

  /// One row of pixels [width, channels] to planes: plane c receives `width` floats at
  /// planes + c * planeStride, and up to 15 zeros behind them. `readable` floats may be read at x.
  void (*rowToPlanes)(
      const float *x, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t readable, float *planes,
      ptrdiff_t planeStride);
  /// The way back; writes nothing outside [width, channels].
  void (*rowFromPlanes)(
      const float *planes, ptrdiff_t planeStride, ptrdiff_t width, ptrdiff_t channels, float *y,
      int accumulate);
  /// The stencil of one segment over flattened padded planes: for p < length
  /// y[o][p] = sum over kh, kw, i of x[i][p + kh * rowStride + kw] * kernel[kh][kw][i][o], with the
  /// epilogue's bias and ReLU. Reads and writes up to 15 floats beyond `length`.
  void (*planesForward)(
      const float *x, const float *kernel, const ck_planes *planes, const ck_epilogue *epilogue,
      float *y);
  /// dKernel[kh][kw][i][o] += sum over p < length of x[i][p + kh * rowStride + kw] * dy[o][p];
  /// `length` is a multiple of 16.
  void (*planesKernelGradient)(
      const float *x, const float *dy, const ck_planes *planes, float *dKernel);

  // MARK: Depthwise convolution of one image, multiplier 1

  /// y = the windows at x times the kernel, of output rows [firstRow, firstRow + rows).
  void (*depthwiseRows)(
      const float *x, const float *kernel, const ck_window *window, ptrdiff_t firstRow,
      ptrdiff_t rows, const ck_epilogue *epilogue, float *y);
  /// dx of input rows [firstRow, firstRow + rows), any stride.
  void (*depthwiseInputGradient)(
      const float *dy, const float *kernel, const ck_window *window, ptrdiff_t firstRow,
      ptrdiff_t rows, int accumulate, float *dx);
  /// dKernel += the part of output rows [firstRow, firstRow + rows).
  void (*depthwiseKernelGradient)(
      const float *x, const float *dy, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows,
      float *dKernel);
  /// Every channel `multiplier` times in a row, and the sum that undoes it.
  void (*repeatChannels)(const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y);
  void (*sumRepeats)(const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y, int accumulate);

  // MARK: Pooling of one image

  /// The maximum of x, whose only activation may be the ReLU; `winners` receives the taps that it was found at, unless it is null.
  void (*maxPool)(
      const ck_view *x, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows, float *y,
      float *_Nullable winners);
  void (*maxPoolGradient)(
      const float *dy, const float *winners, const ck_window *window, float *dx);
  void (*averagePool)(
      const float *x, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows, float *y);
  void (*averagePoolGradient)(const float *dy, const ck_window *window, float *dx);

  // MARK: Updates of n weights

  void (*sgd)(float *w, const float *g, float *v, ptrdiff_t n, const ck_sgd *settings);
  void (*rmsprop)(
      float *w, const float *g, float *meanSquare, float *v, ptrdiff_t n,
      const ck_rmsprop *settings);
  void (*adamw)(
      float *w, const float *g, float *m, float *v, ptrdiff_t n, const ck_adamw *settings);
  void (*average)(const float *w, float *average, ptrdiff_t n, float decay);
} ck_kernels;

/// The table of the level numbered `index`, best first, of those that this processor has; null
/// beyond the last.
const ck_kernels *_Nullable ck_level(ptrdiff_t index);

/// Tells the processor that a thread waits awake.
void ck_pause(void);

// MARK: The same on every processor

/// Merges tiles' moments (mean at parts[t * stride], squares `squaresOffset` behind it, over
/// counts[t] rows) of `count` channels into mean and biased variance, in double precision, tiles in
/// order.
void ck_merge_moments(
    const float *parts, const float *counts, ptrdiff_t tiles, ptrdiff_t stride,
    ptrdiff_t squaresOffset, float *mean, float *variance, ptrdiff_t count);
/// sums[c] = sum over tiles of parts[t * stride + c], in double precision, tiles in order.
void ck_merge_sums(
    const float *parts, ptrdiff_t tiles, ptrdiff_t stride, float *sums, ptrdiff_t count);

/// A kernel to [1 + rows, channels], channels rounded up to 16 lanes: the last 16 lanes are the last
/// 16 channels. A `scale` that is not null multiplies the channels; the first row is the bias, or
/// zeros.
void ck_pack_lanes(
    const float *kernel, const ck_lanes *lanes, const float *_Nullable scale,
    const float *_Nullable bias, float *packed);
/// A kernel's gradient from such lanes without a bias.
void ck_unpack_lanes(const float *packed, const ck_lanes *lanes, float *kernel);
/// Likewise, from the gradient of the flipped kernel of so many `taps`, its rows being taps times
/// width: taps in reverse, inputs and outputs exchanged.
void ck_unpack_flipped_lanes(
    const float *packed, ptrdiff_t taps, const ck_lanes *lanes, float *kernel);

#pragma clang assume_nonnull end
