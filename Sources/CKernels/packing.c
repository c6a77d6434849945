// SPDX-License-Identifier: Apache-2.0

// Kernels of equal segments into lanes, and their gradients out of them.
#include "ck.h"

static ptrdiff_t columns_of(const ck_lanes *l) { return (l->channels + 15) / 16 * 16; }

/// The channel in a lane: the last 16 lanes are the last 16 channels.
static ptrdiff_t channel_in(const ck_lanes *l, ptrdiff_t lane) {
  ptrdiff_t start = lane / 16 * 16, last = l->channels - 16;
  return (start < last ? start : last) + lane % 16;
}

static ptrdiff_t place(const ck_lanes *l, ptrdiff_t channel, ptrdiff_t row) {
  return channel / l->width * l->segmentStride + row * l->rowStride + channel % l->width;
}

void ck_pack_lanes(
    const float *kernel, const ck_lanes *lanes, const float *scale, const float *bias,
    float *packed) {
  ptrdiff_t columns = columns_of(lanes);
  for (ptrdiff_t i = 0; i < columns; i++) packed[i] = bias ? bias[channel_in(lanes, i)] : 0;
  packed += columns;
  for (ptrdiff_t row = 0; row < lanes->rows; row++, packed += columns) {
    for (ptrdiff_t i = 0; i < columns; i++) {
      ptrdiff_t c = channel_in(lanes, i);
      float weight = kernel[place(lanes, c, row)];
      packed[i] = scale ? weight * scale[c] : weight;
    }
  }
}

void ck_unpack_lanes(const float *packed, const ck_lanes *lanes, float *kernel) {
  ptrdiff_t columns = columns_of(lanes);
  for (ptrdiff_t row = 0; row < lanes->rows; row++, packed += columns) {
    for (ptrdiff_t i = 0; i < columns; i++) {
      kernel[place(lanes, channel_in(lanes, i), row)] = packed[i];
    }
  }
}

void ck_unpack_flipped_lanes(
    const float *packed, ptrdiff_t taps, const ck_lanes *lanes, float *kernel) {
  ptrdiff_t columns = columns_of(lanes), width = lanes->width;
  for (ptrdiff_t tap = 0; tap < taps; tap++) {
    for (ptrdiff_t j = 0; j < width; j++, packed += columns) {
      for (ptrdiff_t i = 0; i < columns; i++) {
        ptrdiff_t c = channel_in(lanes, i), row = (taps - 1 - tap) * width + c % width;
        kernel[c / width * lanes->segmentStride + row * lanes->rowStride + j] = packed[i];
      }
    }
  }
}
