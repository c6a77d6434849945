// SPDX-License-Identifier: Apache-2.0

// Winograd's transforms of runs of N channels, of vector type V; included with the level's vectors and
// once more, for what remains, with single numbers. Each function goes on from channel `c` and
// returns where it stopped.

#define EACH(i, n) UNROLLED for (int i = 0; i < n; i++)

/// Bᵀ d B: 4×4 pixels to their 16 transforms, `stride` floats apart.
CK_INLINE ptrdiff_t BY_WIDTH(winograd_window)(
    ptrdiff_t c, const ck_tile *g, const float *x, float *to, ptrdiff_t stride) {
  const ptrdiff_t row = g->xRow, step = g->xStep;
  for (; c + N <= g->inputs; c += N) {
    V t[4][4];
    EACH(j, 4) {
      const float *pixel = x + j * step + c;
      V d0 = LOAD(V, pixel), d1 = LOAD(V, pixel + row);
      V d2 = LOAD(V, pixel + 2 * row), d3 = LOAD(V, pixel + 3 * row);
      t[0][j] = d0 - d2;
      t[1][j] = d1 + d2;
      t[2][j] = d2 - d1;
      t[3][j] = d1 - d3;
    }
    EACH(i, 4) {
      float *place = to + 4 * i * stride + c;
      STORE(V, place) = t[i][0] - t[i][2];
      STORE(V, place + stride) = t[i][1] + t[i][2];
      STORE(V, place + 2 * stride) = t[i][2] - t[i][1];
      STORE(V, place + 3 * stride) = t[i][1] - t[i][3];
    }
  }
  return c;
}

/// Ends a pixel, `at` floats from the block's first.
CK_INLINE void BY_WIDTH(winograd_store)(
    const V *sum, const ck_epilogue *e, ptrdiff_t at, float *y) {
  V value = e->addend ? LOAD(V, e->addend + at) + *sum : *sum;
  STORE(V, y + at) = e->isRectified ? CK_RECTIFIED(V, value) : value;
}

/// Aᵀ m A: the 16 products of a block back to its pixels, of which `rows` × `columns` exist.
CK_INLINE ptrdiff_t BY_WIDTH(winograd_block)(
    ptrdiff_t c, const ck_tile *g, const float *from, ptrdiff_t stride, const ck_epilogue *e,
    float *y, const int rows, const int columns) {
  for (; c + N <= g->outputs; c += N) {
    V t[2][4], start = LOAD(V, e->bias + c);
    EACH(j, 4) {
      const float *m = from + j * stride + c;
      V m1 = LOAD(V, m + 4 * stride), m2 = LOAD(V, m + 8 * stride);
      t[0][j] = LOAD(V, m) + m1 + m2;
      t[1][j] = m1 - m2 - LOAD(V, m + 12 * stride);
    }
    EACH(i, 2) {
      V left = t[i][0] + t[i][1] + t[i][2] + start, right = t[i][1] - t[i][2] - t[i][3] + start;
      ptrdiff_t at = i * g->yRow + c;
      if (i < rows) BY_WIDTH(winograd_store)(&left, e, at, y);
      if (i < rows && columns > 1) BY_WIDTH(winograd_store)(&right, e, at + g->yStep, y);
    }
  }
  return c;
}

/// A dy Aᵀ: a block's gradients, of which `rows` × `columns` exist, to 16 transforms.
CK_INLINE ptrdiff_t BY_WIDTH(winograd_gradient)(
    ptrdiff_t c, const ck_tile *g, const float *dy, const int rows, const int columns, float *to,
    ptrdiff_t stride) {
  const ptrdiff_t row = g->yRow, step = g->yStep;
  for (; c + N <= g->outputs; c += N) {
    V t[4][2];
    EACH(j, 2) {
      const float *pixel = dy + j * step + c;
      t[0][j] = j < columns ? LOAD(V, pixel) : (V){};
      V below = j < columns && rows > 1 ? LOAD(V, pixel + row) : (V){};
      t[1][j] = t[0][j] + below;
      t[2][j] = t[0][j] - below;
      t[3][j] = -below;
    }
    EACH(i, 4) {
      float *place = to + 4 * i * stride + c;
      STORE(V, place) = t[i][0];
      STORE(V, place + stride) = t[i][0] + t[i][1];
      STORE(V, place + 2 * stride) = t[i][0] - t[i][1];
      STORE(V, place + 3 * stride) = -t[i][1];
    }
  }
  return c;
}

/// G g Gᵀ: nine taps to 16 transforms, in place.
CK_INLINE ptrdiff_t
BY_WIDTH(winograd_kernel)(ptrdiff_t c, ptrdiff_t count, float *taps, ptrdiff_t stride) {
  for (; c + N <= count; c += N) {
    V t[4][3];
    EACH(j, 3) {
      const float *tap = taps + j * stride + c;
      V above = LOAD(V, tap), below = LOAD(V, tap + 6 * stride);
      V outer = (above + below) * 0.5f, inner = LOAD(V, tap + 3 * stride) * 0.5f;
      t[0][j] = above;
      t[1][j] = outer + inner;
      t[2][j] = outer - inner;
      t[3][j] = below;
    }
    EACH(i, 4) {
      float *place = taps + 4 * i * stride + c;
      V outer = (t[i][0] + t[i][2]) * 0.5f, inner = t[i][1] * 0.5f;
      STORE(V, place) = t[i][0];
      STORE(V, place + stride) = outer + inner;
      STORE(V, place + 2 * stride) = outer - inner;
      STORE(V, place + 3 * stride) = t[i][2];
    }
  }
  return c;
}

/// Gᵀ s G: 16 sums back to nine taps.
CK_INLINE ptrdiff_t BY_WIDTH(winograd_taps)(
    ptrdiff_t c, ptrdiff_t count, const float *sums, ptrdiff_t stride, float *taps) {
  for (; c + N <= count; c += N) {
    V t[3][4];
    EACH(j, 4) {
      const float *s = sums + j * stride + c;
      V s1 = LOAD(V, s + 4 * stride) * 0.5f, s2 = LOAD(V, s + 8 * stride) * 0.5f;
      t[0][j] = LOAD(V, s) + (s1 + s2);
      t[1][j] = s1 - s2;
      t[2][j] = s1 + s2 + LOAD(V, s + 12 * stride);
    }
    EACH(i, 3) {
      float *place = taps + 3 * i * count + c;
      V s1 = t[i][1] * 0.5f, s2 = t[i][2] * 0.5f;
      STORE(V, place) = t[i][0] + (s1 + s2);
      STORE(V, place + count) = s1 - s2;
      STORE(V, place + 2 * count) = s1 + s2 + t[i][3];
    }
  }
  return c;
}

#undef EACH
