// SPDX-License-Identifier: Apache-2.0

// Convolution of narrow, equal segments: vectors run over channels, as a depthwise convolution's do,
// so that pixels need no other layout; each vector of pixels is shuffled once for every channel of a
// segment. Channels are a multiple of a segment's width and at least 16; a last run that is not
// full begins earlier and takes some channels again.
#pragma once
#include "vectors.h"

#define G 1
#include "lanes_width.h"
#undef G
#define G 2
#include "lanes_width.h"
#undef G
#define G 4
#include "lanes_width.h"
#undef G
#define G 8
#include "lanes_width.h"
#undef G

#define FOR_SEGMENT_WIDTH(width, function, ...) \
  switch (width) {                              \
    case 1: function##_1(__VA_ARGS__); break;   \
    case 2: function##_2(__VA_ARGS__); break;   \
    case 4: function##_4(__VA_ARGS__); break;   \
    default: function##_8(__VA_ARGS__); break;  \
  }

static void lanes_rows(
    const float *x, const ck_tile *tile, ptrdiff_t width, const float *kernel,
    const ck_epilogue *epilogue, float *y) {
  ck_tile g = *tile;
  const int isRectified = epilogue->isRectified;
  ptrdiff_t channels = g.outputs;
  g.outputs = (channels + 15) / 16 * 16;
  for (ptrdiff_t start = 0; start < channels; start += 16) {
    ptrdiff_t c = ck_min(start, channels - 16);
    for (ptrdiff_t image = 0; image < g.images; image++) {
      for (ptrdiff_t row = 0; row < g.height; row++) {
        const float *from = x + image * g.xImage + row * g.xRow + c;
        float *to = y + image * g.yImage + row * g.yRow + c;
        FOR_SEGMENT_WIDTH(width, lanes_row, from, &g, kernel + start, to, isRectified)
      }
    }
  }
}

static void lanes_outer(
    const float *x, const float *dy, const ck_tile *tile, ptrdiff_t width, float *sums) {
  ck_tile g = *tile;
  ptrdiff_t channels = g.outputs;
  g.outputs = (channels + 15) / 16 * 16;
  for (ptrdiff_t start = 0; start < channels; start += 16) {
    ptrdiff_t c = ck_min(start, channels - 16);
    FOR_SEGMENT_WIDTH(width, lanes_outer, x + c, dy + c, &g, sums + start)
  }
}
