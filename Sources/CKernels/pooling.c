// Max and average pooling, vectorised over channels; positions in the padding take no part.
#include "Vectors.h"

#define N 32
#define V f32
#define I i32
#include "pooling_width.h"
#undef N
#undef V
#undef I
#define N 16
#define V f16
#define I i16
#include "pooling_width.h"
#undef N
#undef V
#undef I
#define N 8
#define V f8
#define I i8
#include "pooling_width.h"
#undef N
#undef V
#undef I
#define N 4
#define V f4
#define I i4
#include "pooling_width.h"
#undef N
#undef V
#undef I
#define N 1
#define V f1
#define I i1
#include "pooling_width.h"

CK_CLONES void ck_max_pool(
    const float *x, const float *scale, const float *shift, int isRectified, float *y,
    float *winners, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows) {
  const ck_window g = *window;
  for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
    CK_OVER_CHANNELS(max_pool, g.channels, x, scale, shift, isRectified, y, winners, &g, row, 1);
  }
}

CK_CLONES void ck_max_pool_gradient(
    const float *dy, const float *winners, float *dx, const ck_window *window) {
  const ck_window g = *window;
  CK_OVER_CHANNELS(max_pool_gradient, g.channels, dy, winners, dx, &g);
}

CK_CLONES void ck_average_pool(
    const float *x, float *y, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows) {
  const ck_window g = *window;
  for (ptrdiff_t row = firstRow; row < firstRow + rows; row++) {
    CK_OVER_CHANNELS(average_pool, g.channels, x, y, &g, row, 1);
  }
}

CK_CLONES void ck_average_pool_gradient(
    const float *dy, float *dx, const ck_window *window) {
  const ck_window g = *window;
  CK_OVER_CHANNELS(average_pool_gradient, g.channels, dy, dx, &g);
}
