// Convolution of narrow, equal segments: vectors run over channels, as a depthwise convolution's do,
// so that pixels need no other layout; each vector of pixels is shuffled once for every channel of a
// segment. Channels are a multiple of a segment's width and at least 16; a last run that is not
// full begins earlier and takes some channels again.
#include "Vectors.h"

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

#define BY_WIDTH(function, width, ...)              \
  switch (width) {                                  \
    case 1: function##_1(__VA_ARGS__); break;       \
    case 2: function##_2(__VA_ARGS__); break;       \
    case 4: function##_4(__VA_ARGS__); break;       \
    default: function##_8(__VA_ARGS__); break;      \
  }

CK_CLONES void ck_lanes_rows(
    const float *x, const ck_tile *tile, ptrdiff_t width, const float *kernel, float *y,
    int isRectified) {
  ck_tile g = *tile;
  ptrdiff_t channels = g.outputs;
  g.outputs = (channels + 15) / 16 * 16;
  for (ptrdiff_t start = 0; start < channels; start += 16) {
    ptrdiff_t c = ck_min(start, channels - 16);
    for (ptrdiff_t image = 0; image < g.images; image++) {
      for (ptrdiff_t row = 0; row < g.height; row++) {
        const float *from = x + image * g.xImage + row * g.xRow + c;
        float *to = y + image * g.yImage + row * g.yRow + c;
        BY_WIDTH(lanes_row, width, from, &g, kernel + start, to, isRectified)
      }
    }
  }
}

CK_CLONES void ck_lanes_outer(
    const float *x, const float *dy, const ck_tile *tile, ptrdiff_t width, float *sums) {
  ck_tile g = *tile;
  ptrdiff_t channels = g.outputs;
  g.outputs = (channels + 15) / 16 * 16;
  for (ptrdiff_t start = 0; start < channels; start += 16) {
    ptrdiff_t c = ck_min(start, channels - 16);
    BY_WIDTH(lanes_outer, width, x + c, dy + c, &g, sums + start)
  }
}

void ck_pack_lanes(
    const float *kernel, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t channels,
    ptrdiff_t segmentStride, ptrdiff_t rowStride, const float *scale, const float *bias,
    float *packed) {
  ptrdiff_t columns = (channels + 15) / 16 * 16;
  for (ptrdiff_t i = 0; i < columns; i++) {
    packed[i] = bias ? bias[ck_min(i / 16 * 16, channels - 16) + i % 16] : 0;
  }
  packed += columns;
  for (ptrdiff_t row = 0; row < rows; row++) {
    for (ptrdiff_t i = 0; i < columns; i++) {
      ptrdiff_t c = ck_min(i / 16 * 16, channels - 16) + i % 16;
      float weight = kernel[c / width * segmentStride + row * rowStride + c % width];
      packed[row * columns + i] = scale ? weight * scale[c] : weight;
    }
  }
}

void ck_unpack_flipped_lanes(
    const float *packed, ptrdiff_t taps, ptrdiff_t width, ptrdiff_t channels,
    ptrdiff_t segmentStride, ptrdiff_t rowStride, float *kernel) {
  ptrdiff_t columns = (channels + 15) / 16 * 16;
  for (ptrdiff_t tap = 0; tap < taps; tap++) {
    for (ptrdiff_t j = 0; j < width; j++, packed += columns) {
      for (ptrdiff_t i = 0; i < columns; i++) {
        ptrdiff_t c = ck_min(i / 16 * 16, channels - 16) + i % 16;
        ptrdiff_t row = (taps - 1 - tap) * width + c % width;
        kernel[c / width * segmentStride + row * rowStride + j] = packed[i];
      }
    }
  }
}

void ck_unpack_lanes(
    const float *packed, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t channels,
    ptrdiff_t segmentStride, ptrdiff_t rowStride, float *kernel) {
  ptrdiff_t columns = (channels + 15) / 16 * 16;
  for (ptrdiff_t row = 0; row < rows; row++) {
    for (ptrdiff_t i = 0; i < columns; i++) {
      ptrdiff_t c = ck_min(i / 16 * 16, channels - 16) + i % 16;
      kernel[c / width * segmentStride + row * rowStride + c % width] = packed[row * columns + i];
    }
  }
}
