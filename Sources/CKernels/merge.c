// SPDX-License-Identifier: Apache-2.0

// What tiles found, merged in double precision, tiles in order, alike on every processor.
#include "ck.h"

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
