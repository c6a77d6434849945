// SPDX-License-Identifier: Apache-2.0

// Depthwise convolution, vectorised over channels, without branches inside the image.
#pragma once
#include "vectors.h"

/// A depthwise convolution of one image.
typedef struct {
  const float *x, *kernel;
  float *y;
  const ck_window *window;
  const ck_epilogue *epilogue;
} ck_depthwise;

/// Its kernel's gradient.
typedef struct {
  const float *x, *dy;
  float *dKernel;
  const ck_window *window;
} ck_depthwise_gradient;

#define WIDEST 32
#define CK_TEMPLATE "depthwise_width.h"
#include "each_width.h"

/// Channels whose pixels, all those that one output row sees, fit the first-level cache; a run of
/// rows is taken for these before the next ones.
static ptrdiff_t cached_channels(ptrdiff_t pixels) { return ck_max(32, 6144 / pixels / 32 * 32); }

static void depthwise_rows(
    const float *x, const float *kernel, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, const ck_epilogue *epilogue, float *y) {
  const ck_window g = *window;
  ptrdiff_t run = cached_channels(g.inputWidth * g.kernelHeight);
  for (ptrdiff_t start = 0; start < g.channels; start += run) {
    ptrdiff_t count = ck_min(run, g.channels - start);
    const ck_epilogue e = {
        epilogue->bias ? epilogue->bias + start : 0,
        epilogue->addend ? epilogue->addend + start : 0, epilogue->isRectified};
    const ck_depthwise d = {x + start, kernel + start, y + start, &g, &e};
    for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
      ptrdiff_t c = 0;
      OVER_RUNS_OF_16(depthwise_row, count, &d, row);
    }
  }
}

static void depthwise_input_gradient(
    const float *dy, const float *kernel, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, int accumulate, float *dx) {
  const ck_window g = *window;
  ptrdiff_t run = cached_channels(g.outputWidth * g.kernelHeight);
  for (ptrdiff_t start = 0; start < g.channels; start += run) {
    ptrdiff_t count = ck_min(run, g.channels - start);
    for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
      OVER_RUNS_OF_32(
          depthwise_input_gradient, count, dy + start, kernel + start, &g, row, accumulate,
          dx + start);
    }
  }
}

static void depthwise_kernel_gradient(
    const float *x, const float *dy, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows,
    float *dKernel) {
  const ck_window g = *window;
  const ck_depthwise_gradient p = {x, dy, dKernel, &g};
  OVER_RUNS_OF_32(depthwise_kernel_gradient, g.channels, &p, firstRow, rows);
}

static void repeat_channels(const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y) {
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t m = 0; m < multiplier; m++) y[i * multiplier + m] = x[i];
  }
}

static void sum_repeats(
    const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y, int accumulate) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float sum = x[i * multiplier];
    for (ptrdiff_t m = 1; m < multiplier; m++) sum += x[i * multiplier + m];
    y[i] = accumulate ? y[i] + sum : sum;
  }
}
