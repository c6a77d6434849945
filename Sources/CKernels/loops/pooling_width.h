// SPDX-License-Identifier: Apache-2.0

// Pooling loops over one run of N channels; included once per vector width with N, V and I.

/// The largest of a window's rows and columns that lie within the image, of x · factor + offset where
/// `isScaled`. The usual three by three come as constants and leave no loop.
CK_INLINE void BY_WIDTH(max_window)(
    const float *x, const ck_inside in, const ck_window *g, const V *map, int isScaled,
    int isRectified, float *y, float *winners) {
  ptrdiff_t line = g->inputWidth * g->channels;
  V best = LOAD(V, x + in.lowH * line + in.lowW * g->channels);
  if (isScaled) best = best * map[0] + map[1];
  V winner = (V){} + (float)(in.lowH * g->kernelWidth + in.lowW);
  for (ptrdiff_t kh = in.lowH; kh < in.highH; kh++) {
    for (ptrdiff_t kw = in.lowW; kw < in.highW; kw++) {
      V value = LOAD(V, x + kh * line + kw * g->channels);
      if (isScaled) value = value * map[0] + map[1];
      V tap = (V){} + (float)(kh * g->kernelWidth + kw);
      // A NaN wins and stays: it must not vanish in a pooling layer.
      I larger = (value > best) | (value != value);
      best = (V)(((I)value & larger) | ((I)best & ~larger));
      winner = (V)(((I)tap & larger) | ((I)winner & ~larger));
    }
  }
  if (isRectified) {
    I positive = (best > 0) | (best != best);
    best = (V)((I)best & positive);
    winner = (V)(((I)winner & positive) | ((I)((V){} - 1.0f) & ~positive));
  }
  STORE(V, y) = best;
  if (winners) STORE(V, winners) = winner;
}

CK_INLINE void BY_WIDTH(max_pool)(
    ptrdiff_t c, const ck_view *x, const ck_window *g, ptrdiff_t oh, float *y, float *winners) {
  int isScaled = x->scale != 0;
  V map[2] = {isScaled ? LOAD(V, x->scale + c) : (V){}, isScaled ? LOAD(V, x->shift + c) : (V){}};
  for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
    const ck_inside in = inside(g, oh, ow);
    const float *source = x->values + (in.top * g->inputWidth + in.left) * g->channels + c;
    ptrdiff_t at = (oh * g->outputWidth + ow) * g->channels + c;
    float *winner = winners ? winners + at : 0;
    if (is_three_by_three(&in) && g->kernelHeight == 3 && g->kernelWidth == 3) {
      const ck_inside three = {in.top, in.left, 0, 3, 0, 3};
      BY_WIDTH(max_window)
      (source, three, g, map, isScaled, x->activation == ck_relu, y + at, winner);
    } else {
      BY_WIDTH(max_window)(source, in, g, map, isScaled, x->activation == ck_relu, y + at, winner);
    }
  }
}

CK_INLINE void BY_WIDTH(max_window_gradient)(
    const ck_inside in, const ck_window *g, const V *gradient, const V *winner, float *target) {
  ptrdiff_t line = g->inputWidth * g->channels;
  for (ptrdiff_t kh = in.lowH; kh < in.highH; kh++) {
    for (ptrdiff_t kw = in.lowW; kw < in.highW; kw++) {
      V tap = (V){} + (float)(kh * g->kernelWidth + kw);
      STORE(V, target + kh * line + kw * g->channels) += (V)((I)*gradient & (I)(*winner == tap));
    }
  }
}

CK_INLINE void BY_WIDTH(max_pool_gradient)(
    ptrdiff_t c, const float *dy, const float *winners, const ck_window *g, float *dx) {
  for (ptrdiff_t oh = 0; oh < g->outputHeight; oh++) {
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      const ck_inside in = inside(g, oh, ow);
      float *target = dx + (in.top * g->inputWidth + in.left) * g->channels + c;
      ptrdiff_t at = (oh * g->outputWidth + ow) * g->channels + c;
      V gradient = LOAD(V, dy + at), winner = LOAD(V, winners + at);
      if (is_three_by_three(&in) && g->kernelHeight == 3 && g->kernelWidth == 3) {
        const ck_inside three = {in.top, in.left, 0, 3, 0, 3};
        BY_WIDTH(max_window_gradient)(three, g, &gradient, &winner, target);
      } else {
        BY_WIDTH(max_window_gradient)(in, g, &gradient, &winner, target);
      }
    }
  }
}

CK_INLINE void BY_WIDTH(average_pool)(
    ptrdiff_t c, const float *x, const ck_window *g, ptrdiff_t oh, float *y) {
  ptrdiff_t line = g->inputWidth * g->channels;
  for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
    const ck_inside in = inside(g, oh, ow);
    const float *source = x + (in.top * g->inputWidth + in.left) * g->channels + c;
    V sum = {};
    if (is_three_by_three(&in)) {
      source += in.lowH * line + in.lowW * g->channels;
      for (int kh = 0; kh < 3; kh++) {
        for (int kw = 0; kw < 3; kw++) sum += LOAD(V, source + kh * line + kw * g->channels);
      }
    } else {
      for (ptrdiff_t kh = in.lowH; kh < in.highH; kh++) {
        for (ptrdiff_t kw = in.lowW; kw < in.highW; kw++) {
          sum += LOAD(V, source + kh * line + kw * g->channels);
        }
      }
    }
    STORE(V, y + (oh * g->outputWidth + ow) * g->channels + c) =
        sum / (float)((in.highH - in.lowH) * (in.highW - in.lowW));
  }
}

CK_INLINE void BY_WIDTH(average_pool_gradient)(
    ptrdiff_t c, const float *dy, const ck_window *g, float *dx) {
  ptrdiff_t line = g->inputWidth * g->channels;
  for (ptrdiff_t oh = 0; oh < g->outputHeight; oh++) {
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      const ck_inside in = inside(g, oh, ow);
      float *target = dx + (in.top * g->inputWidth + in.left) * g->channels + c;
      V part = LOAD(V, dy + (oh * g->outputWidth + ow) * g->channels + c)
          / (float)((in.highH - in.lowH) * (in.highW - in.lowW));
      if (is_three_by_three(&in)) {
        target += in.lowH * line + in.lowW * g->channels;
        for (int kh = 0; kh < 3; kh++) {
          for (int kw = 0; kw < 3; kw++) {
            STORE(V, target + kh * line + kw * g->channels) += part;
          }
        }
        continue;
      }
      for (ptrdiff_t kh = in.lowH; kh < in.highH; kh++) {
        for (ptrdiff_t kw = in.lowW; kw < in.highW; kw++) {
          STORE(V, target + kh * line + kw * g->channels) += part;
        }
      }
    }
  }
}
