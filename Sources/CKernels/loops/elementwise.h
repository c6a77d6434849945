// SPDX-License-Identifier: Apache-2.0

// Loops over equally long buffers. Every element stands alone, so no order can matter.
#pragma once
#include "vectors.h"

// An output may be one of the inputs, the same element at the same place. The compiler would guard
// against overlaps with a check that fails just there, and fall back on one element at a time.
#define EACH_ELEMENT \
  _Pragma("clang loop vectorize(assume_safety)") for (ptrdiff_t i = 0; i < n; i++)

static int all_finite(const float *x, ptrdiff_t n) {
  const uint32_t *bits = (const uint32_t *)x;
  uint32_t bad = 0;
  for (ptrdiff_t i = 0; i < n; i++) bad |= (bits[i] & 0x7f800000u) == 0x7f800000u;
  return bad == 0;
}

static void add(const float *a, const float *b, float *y, ptrdiff_t n) {
  EACH_ELEMENT y[i] = a[i] + b[i];
}

static void copy(const float *x, float *y, ptrdiff_t n, int accumulate) {
  if (accumulate) {
    EACH_ELEMENT y[i] += x[i];
  } else {
    __builtin_memmove(y, x, (size_t)n * sizeof(float));
  }
}

static void multiply(const float *x, const float *mask, float *y, ptrdiff_t n, int accumulate) {
  if (accumulate) {
    EACH_ELEMENT y[i] += x[i] * mask[i];
  } else {
    EACH_ELEMENT y[i] = x[i] * mask[i];
  }
}

static void copy_columns(
    const float *x, ptrdiff_t xColumns, float *y, ptrdiff_t yColumns, ptrdiff_t count,
    ptrdiff_t rows, int accumulate) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *source = x + r * xColumns;
    float *target = y + r * yColumns;
    if (accumulate) {
      for (ptrdiff_t i = 0; i < count; i++) target[i] += source[i];
    } else {
      for (ptrdiff_t i = 0; i < count; i++) target[i] = source[i];
    }
  }
}

static void sum_parts(const float *x, ptrdiff_t parts, ptrdiff_t stride, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i];
  for (ptrdiff_t part = 1; part < parts; part++) {
    const float *source = x + part * stride;
    for (ptrdiff_t i = 0; i < n; i++) y[i] += source[i];
  }
}
