// SPDX-License-Identifier: Apache-2.0

// Max and average pooling, vectorised over channels; positions in the padding take no part.
#pragma once
#include "vectors.h"

/// The part of an output's window that lies within the image: rows and columns of the window, and
/// where its first tap would be.
typedef struct {
  ptrdiff_t top, left, lowH, highH, lowW, highW;
} ck_inside;

CK_INLINE ck_inside inside(const ck_window *g, ptrdiff_t oh, ptrdiff_t ow) {
  ptrdiff_t top = oh * g->stride - g->padTop, left = ow * g->stride - g->padLeft;
  return (ck_inside){
      top,
      left,
      ck_max(0, -top),
      ck_min(g->kernelHeight, g->inputHeight - top),
      ck_max(0, -left),
      ck_min(g->kernelWidth, g->inputWidth - left)};
}

CK_INLINE int is_three_by_three(const ck_inside *in) {
  return in->highH - in->lowH == 3 && in->highW - in->lowW == 3;
}

#define WIDEST 32
#define CK_TEMPLATE "pooling_width.h"
#include "each_width.h"

static void max_pool(
    const ck_view *x, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows, float *y,
    float *winners) {
  const ck_window g = *window;
  const ck_view view = *x;
  for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
    OVER_RUNS_OF_32(max_pool, g.channels, &view, &g, row, y, winners);
  }
}

static void max_pool_gradient(
    const float *dy, const float *winners, const ck_window *window, float *dx) {
  const ck_window g = *window;
  OVER_RUNS_OF_32(max_pool_gradient, g.channels, dy, winners, &g, dx);
}

static void average_pool(
    const float *x, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows, float *y) {
  const ck_window g = *window;
  for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
    OVER_RUNS_OF_32(average_pool, g.channels, x, &g, row, y);
  }
}

static void average_pool_gradient(const float *dy, const ck_window *window, float *dx) {
  const ck_window g = *window;
  OVER_RUNS_OF_32(average_pool_gradient, g.channels, dy, &g, dx);
}
