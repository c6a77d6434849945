// SPDX-License-Identifier: Apache-2.0

// Passes over a matrix [rows, channels]: sums down the columns and maps that differ by column.
// Callers hand over tiles that fit the cache, so that channel runs may be taken one by one.
#pragma once
#include "activation.h"
#include "vectors.h"

#define WIDEST 64
#define CK_TEMPLATE "rows_width.h"
#include "each_width.h"

static void add_row(const float *row, float *y, ptrdiff_t rows, ptrdiff_t channels) {
  OVER_RUNS_OF_64(add_row, channels, row, y, rows, channels);
}

static void column_sums(
    const float *x, ptrdiff_t rows, ptrdiff_t channels, float *sums, int accumulate) {
  OVER_RUNS_OF_64(column_sums, channels, x, rows, channels, sums, accumulate);
}

static void moments(
    const float *x, ptrdiff_t rows, ptrdiff_t channels, float *mean, float *squares) {
  OVER_RUNS_OF_64(moments, channels, x, rows, channels, mean, squares);
}

static void normalization_sums(
    const float *x, const float *dy, ptrdiff_t rows, ptrdiff_t channels, const float *mean,
    const float *inverseDeviation, float *sumOfGradients, float *sumOfProducts) {
  OVER_RUNS_OF_64(
      normalization_sums, channels, x, dy, rows, channels, mean, sumOfGradients, sumOfProducts);
  for (ptrdiff_t c = 0; c < channels; c++) sumOfProducts[c] *= inverseDeviation[c];
}

static void normalization_gradient(
    const float *x, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t channels,
    const ck_normalization *normalization, int accumulate) {
  const ck_normalization n = *normalization;
  OVER_RUNS_OF_64(normalization_gradient, channels, x, dy, dx, rows, channels, &n, accumulate);
}

static void view_rows(
    const ck_view *x, float *y, ptrdiff_t yStep, ptrdiff_t rows, ptrdiff_t channels) {
  const ck_view view = *x;
  OVER_RUNS_BY_ACTIVATION(view.activation, view_rows, channels, &view, y, yStep, rows, channels);
}

static void view_sums(const ck_view *x, ptrdiff_t rows, ptrdiff_t channels, float *sums) {
  const ck_view view = *x;
  OVER_RUNS_BY_ACTIVATION(view.activation, view_sums, channels, &view, rows, channels, sums);
}

static void add_rows(
    const ck_view *a, const ck_view *b, float *y, ptrdiff_t rows, ptrdiff_t channels) {
  const ck_view first = *a, second = *b;
  OVER_RUNS_BY_ACTIVATION(
      first.activation | second.activation, add_rows, channels, &first, &second, y, rows, channels);
}

static void merge_gradient(
    const float *d, ptrdiff_t dStep, const ck_gradient_epilogue *epilogue, float *dx,
    ptrdiff_t rows, ptrdiff_t channels) {
  const ck_gradient_epilogue e = *epilogue;
  OVER_RUNS_BY_ACTIVATION(
      e.mask.activation, merge_gradient, channels, d, dStep, &e, dx, rows, channels);
}

static void spread_row(
    const float *row, float factor, const ck_view *mask, float *y, ptrdiff_t rows,
    ptrdiff_t channels, int accumulate) {
  const ck_view view = *mask;
  OVER_RUNS_BY_ACTIVATION(
      view.activation, spread_row, channels, row, factor, &view, y, rows, channels, accumulate);
}
