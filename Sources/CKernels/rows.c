// Passes over a matrix [rows, channels]: sums down the columns and maps that differ by column.
// Callers hand over tiles that fit the cache, so that channel runs may be taken one by one.
#include "Vectors.h"

#define N 64
#define V f64
#include "rows_width.h"
#undef N
#undef V
#define N 32
#define V f32
#include "rows_width.h"
#undef N
#undef V
#define N 16
#define V f16
#include "rows_width.h"
#undef N
#undef V
#define N 8
#define V f8
#include "rows_width.h"
#undef N
#undef V
#define N 4
#define V f4
#include "rows_width.h"
#undef N
#undef V
#define N 1
#define V f1
#include "rows_width.h"

CK_CLONES void ck_scale_shift(
    const float *x, const float *scale, const float *shift, float *y, ptrdiff_t rows,
    ptrdiff_t channels) {
  CK_OVER_WIDE_CHANNELS(scale_shift, channels, x, scale, shift, y, rows, channels);
}

CK_CLONES void ck_add_row(const float *row, float *y, ptrdiff_t rows, ptrdiff_t channels) {
  CK_OVER_WIDE_CHANNELS(add_row, channels, row, y, rows, channels);
}

CK_CLONES void ck_column_sums(
    const float *x, ptrdiff_t rows, ptrdiff_t channels, float *sums, int accumulate) {
  CK_OVER_WIDE_CHANNELS(column_sums, channels, x, rows, channels, sums, accumulate);
}

CK_CLONES void ck_moments(
    const float *x, ptrdiff_t rows, ptrdiff_t channels, float *mean, float *squares) {
  CK_OVER_WIDE_CHANNELS(moments, channels, x, rows, channels, mean, squares);
}

CK_CLONES void ck_normalization_sums(
    const float *x, const float *dy, ptrdiff_t rows, ptrdiff_t channels, const float *mean,
    const float *inverseDeviation, float *sumOfGradients, float *sumOfProducts) {
  CK_OVER_WIDE_CHANNELS(
      normalization_sums, channels, x, dy, rows, channels, mean, inverseDeviation,
      sumOfGradients, sumOfProducts);
}

CK_CLONES void ck_normalization_gradient(
    const float *x, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t channels,
    const float *mean, const float *inverseDeviation, const float *gamma,
    const float *sumOfGradients, const float *sumOfProducts, float inverseRows,
    int accumulate) {
  CK_OVER_WIDE_CHANNELS(
      normalization_gradient, channels, x, dy, dx, rows, channels, mean, inverseDeviation,
      gamma, sumOfGradients, sumOfProducts, inverseRows, accumulate);
}

CK_CLONES void ck_view_rows(
    const float *x, const float *scale, const float *shift, int isRectified, float *y,
    ptrdiff_t yStep, ptrdiff_t rows, ptrdiff_t channels) {
  CK_OVER_WIDE_CHANNELS(
      view_rows, channels, x, scale, shift, isRectified, y, yStep, rows, channels);
}

CK_CLONES void ck_merge_gradient(
    const float *d, ptrdiff_t dStep, const float *x, const float *scale, const float *shift,
    int isMasked, float *dx, ptrdiff_t rows, ptrdiff_t channels, int accumulate,
    const float *activations, const float *mean, const float *inverseDeviation, float *gradients,
    float *products) {
  CK_OVER_WIDE_CHANNELS(
      merge_gradient, channels, d, dStep, x, scale, shift, isMasked, dx, rows, channels, accumulate,
      activations, mean, inverseDeviation, gradients, products);
}

CK_CLONES void ck_spread_row(
    const float *row, float factor, const float *x, const float *scale, const float *shift,
    float *y, ptrdiff_t rows, ptrdiff_t channels, int accumulate) {
  CK_OVER_WIDE_CHANNELS(
      spread_row, channels, row, factor, x, scale, shift, y, rows, channels, accumulate);
}

CK_CLONES void ck_view_sums(
    const float *x, const float *scale, const float *shift, int isRectified, ptrdiff_t rows,
    ptrdiff_t channels, float *sums) {
  CK_OVER_WIDE_CHANNELS(
      view_sums, channels, x, scale, shift, isRectified, rows, channels, sums);
}

CK_CLONES void ck_add_rows(
    const float *a, const float *aScale, const float *aShift, int aIsRectified, const float *b,
    const float *bScale, const float *bShift, int bIsRectified, float *y, ptrdiff_t rows,
    ptrdiff_t channels) {
  CK_OVER_WIDE_CHANNELS(
      add_rows, channels, a, aScale, aShift, aIsRectified, b, bScale, bShift, bIsRectified, y,
      rows, channels);
}

void ck_merge_moments(
    const float *parts, const float *counts, ptrdiff_t tiles, ptrdiff_t stride,
    ptrdiff_t squaresOffset, float *mean, float *variance, ptrdiff_t count) {
  double rows = 0;
  for (ptrdiff_t t = 0; t < tiles; t++) rows += counts[t];
  for (ptrdiff_t c = 0; c < count; c++) {
    double sum = 0, squares = 0;
    for (ptrdiff_t t = 0; t < tiles; t++) sum += (double)counts[t] * parts[t * stride + c];
    double center = rows > 0 ? sum / rows : 0;
    for (ptrdiff_t t = 0; t < tiles; t++) {
      double distance = parts[t * stride + c] - center;
      squares += parts[t * stride + squaresOffset + c] + counts[t] * (distance * distance);
    }
    mean[c] = (float)center;
    variance[c] = rows > 0 ? (float)(squares / rows) : 0;
    if (variance[c] < 0) variance[c] = 0;
  }
}

void ck_merge_sums(
    const float *parts, ptrdiff_t tiles, ptrdiff_t stride, float *sums, ptrdiff_t count) {
  for (ptrdiff_t c = 0; c < count; c++) {
    double sum = 0;
    for (ptrdiff_t t = 0; t < tiles; t++) sum += parts[t * stride + c];
    sums[c] = (float)sum;
  }
}
