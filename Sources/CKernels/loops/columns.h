// SPDX-License-Identifier: Apache-2.0

// Rows of windows back onto the image that they came from.
#pragma once
#include "vectors.h"

CK_INLINE void add_run(const float *x, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] += x[i];
}

static void add_columns(
    const float *columns, const ck_window *window, ptrdiff_t inputStart, ptrdiff_t inputCount,
    ptrdiff_t start, ptrdiff_t count, float *x) {
  const ck_window g = *window;
  ptrdiff_t tapRow = g.kernelWidth * inputCount;
  for (ptrdiff_t i = start; i < start + count; i++) {
    ptrdiff_t top = i / g.outputWidth * g.stride - g.padTop;
    ptrdiff_t left = i % g.outputWidth * g.stride - g.padLeft;
    ptrdiff_t low = ck_min(ck_max(-left, 0), g.kernelWidth);
    ptrdiff_t high = ck_max(ck_min(g.kernelWidth, g.inputWidth - left), low);
    for (ptrdiff_t kh = 0; kh < g.kernelHeight; kh++, columns += tapRow) {
      ptrdiff_t ih = top + kh;
      if (ih < 0 || ih >= g.inputHeight) continue;
      float *target = x + (ih * g.inputWidth + left) * g.channels + inputStart;
      for (ptrdiff_t kw = low; kw < high; kw++) {
        add_run(columns + kw * inputCount, target + kw * g.channels, inputCount);
      }
    }
  }
}

static void flip_kernel(
    const float *kernel, ptrdiff_t taps, ptrdiff_t inputs, ptrdiff_t outputs, float *flipped) {
  for (ptrdiff_t t = 0; t < taps; t++) {
    const float *source = kernel + (taps - 1 - t) * inputs * outputs;
    float *target = flipped + t * inputs * outputs;
    // Sixteen inputs at a time, so that a cache line is written at once.
    for (ptrdiff_t first = 0; first < inputs; first += 16) {
      ptrdiff_t end = ck_min(first + 16, inputs);
      for (ptrdiff_t o = 0; o < outputs; o++) {
        for (ptrdiff_t i = first; i < end; i++) target[o * inputs + i] = source[i * outputs + o];
      }
    }
  }
}
