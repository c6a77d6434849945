// Winograd's transforms for one kind of processor, included once for each: LEVEL names it, VECTOR
// holds LANES floats.

#define NAMED__(name, level, n) winograd_##name##_##level##_##n
#define NAMED_(name, level, n) NAMED__(name, level, n)
#define NAMED(name, n) NAMED_(name, LEVEL, n)
#define ENTRY_(name, level) winograd_##name##_##level
#define EXPANDED(name, level) ENTRY_(name, level)
#define ENTRY(name) EXPANDED(name, LEVEL)
#define EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < n; i++)

#define V VECTOR
#define N LANES
#include "winograd_run.h"
#undef V
#undef N
#define V f1
#define N 1
#include "winograd_run.h"
#undef V
#undef N

static TARGET void ENTRY(windows)(
    const float *x, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *to,
    ptrdiff_t stride) {
  const ck_tile g = *tile;
  for (ck_block b = ck_block_at(&g, first); count > 0; count--, to += g.inputs) {
    const float *from = x + b.image * g.xImage + 2 * b.row * g.xRow + 2 * b.column * g.xStep;
    ptrdiff_t c = NAMED(window, LANES)(0, g.inputs, from, g.xRow, g.xStep, to, stride);
    NAMED(window, 1)(c, g.inputs, from, g.xRow, g.xStep, to, stride);
    ck_block_advance(&b, &g);
  }
}

static TARGET void ENTRY(pixels)(
    const float *from, ptrdiff_t stride, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count,
    const float *bias, float *y, int accumulate, int isRectified) {
  const ck_tile g = *tile;
  for (ck_block b = ck_block_at(&g, first); count > 0; count--, from += g.outputs) {
    float *to = y + b.image * g.yImage + 2 * b.row * g.yRow + 2 * b.column * g.yStep;
    for (ptrdiff_t i = 0; i < 2 * g.yStep; i += 16) {
      // Four blocks on: two rows that are written in turns are foreseen too late.
      __builtin_prefetch(to + 8 * g.yStep + i, 1, 3);
      __builtin_prefetch(to + g.yRow + 8 * g.yStep + i, 1, 3);
    }
    int rows = 2 * b.row + 1 < g.height ? 2 : 1, columns = 2 * b.column + 1 < g.width ? 2 : 1;
    ptrdiff_t c =
        rows + columns == 4 && !accumulate
            ? NAMED(pixels, LANES)(
                  0, g.outputs, from, stride, bias, 0, isRectified, to, g.yRow, g.yStep, 2, 2)
            : NAMED(pixels, LANES)(
                  0, g.outputs, from, stride, bias, accumulate, isRectified, to, g.yRow, g.yStep,
                  rows, columns);
    NAMED(pixels, 1)(
        c, g.outputs, from, stride, bias, accumulate, isRectified, to, g.yRow, g.yStep, rows,
        columns);
    ck_block_advance(&b, &g);
  }
}

static TARGET void ENTRY(gradients)(
    const float *dy, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *to,
    ptrdiff_t stride) {
  const ck_tile g = *tile;
  for (ck_block b = ck_block_at(&g, first); count > 0; count--, to += g.outputs) {
    const float *from = dy + b.image * g.yImage + 2 * b.row * g.yRow + 2 * b.column * g.yStep;
    int rows = 2 * b.row + 1 < g.height ? 2 : 1, columns = 2 * b.column + 1 < g.width ? 2 : 1;
    ptrdiff_t c =
        rows + columns == 4
            ? NAMED(gradient, LANES)(0, g.outputs, from, g.yRow, g.yStep, 2, 2, to, stride)
            : NAMED(gradient, LANES)(
                  0, g.outputs, from, g.yRow, g.yStep, rows, columns, to, stride);
    NAMED(gradient, 1)(c, g.outputs, from, g.yRow, g.yStep, rows, columns, to, stride);
    ck_block_advance(&b, &g);
  }
}

static TARGET void ENTRY(kernel)(
    float *taps, ptrdiff_t stride, ptrdiff_t start, ptrdiff_t count) {
  ptrdiff_t c = NAMED(kernel, LANES)(0, count, taps + start, stride);
  NAMED(kernel, 1)(c, count, taps + start, stride);
}

static TARGET void ENTRY(taps)(
    const float *sums, ptrdiff_t stride, ptrdiff_t count, float *taps) {
  ptrdiff_t c = NAMED(taps, LANES)(0, count, sums, stride, taps);
  NAMED(taps, 1)(c, count, sums, stride, taps);
}

#undef NAMED__
#undef NAMED_
#undef NAMED
#undef ENTRY_
#undef EXPANDED
#undef ENTRY
#undef EACH
