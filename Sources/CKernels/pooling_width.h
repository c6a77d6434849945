// Pooling loops over one run of N channels; included once per vector width with N, V and I.

#define NAMED_(name, n) name##_##n
#define NAMED(name, n) NAMED_(name, n)

/// The largest of a window's rows and columns that lie within the image; the usual three by three
/// come as constants and leave no loop.
CK_INLINE void NAMED(max_window, N)(
    ptrdiff_t lowH, ptrdiff_t highH, ptrdiff_t lowW, ptrdiff_t highW, ptrdiff_t kernelWidth,
    const float *source, ptrdiff_t line, ptrdiff_t channels, const V *factor,
    const V *offset, int isRectified, float *y, float *winners) {
  V best = LOAD(V, source + lowH * line + lowW * channels);
  if (factor) best = best * *factor + *offset;
  V winner = (V){} + (float)(lowH * kernelWidth + lowW);
  for (ptrdiff_t kh = lowH; kh < highH; kh++) {
    for (ptrdiff_t kw = lowW; kw < highW; kw++) {
      V value = LOAD(V, source + kh * line + kw * channels);
      if (factor) value = value * *factor + *offset;
      V tap = (V){} + (float)(kh * kernelWidth + kw);
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

CK_INLINE void NAMED(max_pool, N)(
    ptrdiff_t c, const float *x, const float *scale, const float *shift, int isRectified, float *y,
    float *winners, const ck_window *g, ptrdiff_t firstRow, ptrdiff_t rows) {
  V factor = scale ? LOAD(V, scale + c) : (V){}, offset = scale ? LOAD(V, shift + c) : (V){};
  ptrdiff_t line = g->inputWidth * g->channels;
  for (ptrdiff_t oh = firstRow; oh < firstRow + rows; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      const float *source = x + (top * g->inputWidth + left) * g->channels + c;
      ptrdiff_t at = (oh * g->outputWidth + ow) * g->channels + c;
      if (highH - lowH == 3 && highW - lowW == 3 && g->kernelHeight == 3 && g->kernelWidth == 3) {
        NAMED(max_window, N)(
            0, 3, 0, 3, 3, source, line, g->channels, scale ? &factor : 0, &offset, isRectified,
            y + at, winners ? winners + at : 0);
      } else {
        NAMED(max_window, N)(
            lowH, highH, lowW, highW, g->kernelWidth, source, line, g->channels,
            scale ? &factor : 0, &offset, isRectified, y + at, winners ? winners + at : 0);
      }
    }
  }
}

CK_INLINE void NAMED(max_window_gradient, N)(
    ptrdiff_t lowH, ptrdiff_t highH, ptrdiff_t lowW, ptrdiff_t highW, ptrdiff_t kernelWidth,
    const V *gradient, const V *winner, float *target, ptrdiff_t line, ptrdiff_t channels) {
  for (ptrdiff_t kh = lowH; kh < highH; kh++) {
    for (ptrdiff_t kw = lowW; kw < highW; kw++) {
      V tap = (V){} + (float)(kh * kernelWidth + kw);
      STORE(V, target + kh * line + kw * channels) += (V)((I)*gradient & (I)(*winner == tap));
    }
  }
}

CK_INLINE void NAMED(max_pool_gradient, N)(
    ptrdiff_t c, const float *dy, const float *winners, float *dx, const ck_window *g) {
  ptrdiff_t line = g->inputWidth * g->channels;
  for (ptrdiff_t oh = 0; oh < g->outputHeight; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      float *target = dx + (top * g->inputWidth + left) * g->channels + c;
      ptrdiff_t at = (oh * g->outputWidth + ow) * g->channels + c;
      V gradient = LOAD(V, dy + at), winner = LOAD(V, winners + at);
      if (highH - lowH == 3 && highW - lowW == 3 && g->kernelHeight == 3 && g->kernelWidth == 3) {
        NAMED(max_window_gradient, N)(
            0, 3, 0, 3, 3, &gradient, &winner, target, line, g->channels);
      } else {
        NAMED(max_window_gradient, N)(
            lowH, highH, lowW, highW, g->kernelWidth, &gradient, &winner, target, line,
            g->channels);
      }
    }
  }
}

CK_INLINE void NAMED(average_pool, N)(
    ptrdiff_t c, const float *x, float *y, const ck_window *g, ptrdiff_t firstRow,
    ptrdiff_t rows) {
  for (ptrdiff_t oh = firstRow; oh < firstRow + rows; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      const float *source = x + (top * g->inputWidth + left) * g->channels + c;
      V sum = {};
      if (highH - lowH == 3 && highW - lowW == 3) {
        source += (lowH * g->inputWidth + lowW) * g->channels;
        for (int kh = 0; kh < 3; kh++) {
          for (int kw = 0; kw < 3; kw++) {
            sum += LOAD(V, source + (kh * g->inputWidth + kw) * g->channels);
          }
        }
      } else {
        for (ptrdiff_t kh = lowH; kh < highH; kh++) {
          for (ptrdiff_t kw = lowW; kw < highW; kw++) {
            sum += LOAD(V, source + (kh * g->inputWidth + kw) * g->channels);
          }
        }
      }
      STORE(V, y + (oh * g->outputWidth + ow) * g->channels + c) =
          sum / (float)((highH - lowH) * (highW - lowW));
    }
  }
}

CK_INLINE void NAMED(average_pool_gradient, N)(
    ptrdiff_t c, const float *dy, float *dx, const ck_window *g) {
  for (ptrdiff_t oh = 0; oh < g->outputHeight; oh++) {
    ptrdiff_t top = oh * g->stride - g->padTop;
    ptrdiff_t lowH = ck_max(0, -top), highH = ck_min(g->kernelHeight, g->inputHeight - top);
    for (ptrdiff_t ow = 0; ow < g->outputWidth; ow++) {
      ptrdiff_t left = ow * g->stride - g->padLeft;
      ptrdiff_t lowW = ck_max(0, -left), highW = ck_min(g->kernelWidth, g->inputWidth - left);
      float *target = dx + (top * g->inputWidth + left) * g->channels + c;
      V part = LOAD(V, dy + (oh * g->outputWidth + ow) * g->channels + c) /
               (float)((highH - lowH) * (highW - lowW));
      if (highH - lowH == 3 && highW - lowW == 3) {
        target += (lowH * g->inputWidth + lowW) * g->channels;
        for (int kh = 0; kh < 3; kh++) {
          for (int kw = 0; kw < 3; kw++) {
            STORE(V, target + (kh * g->inputWidth + kw) * g->channels) += part;
          }
        }
        continue;
      }
      for (ptrdiff_t kh = lowH; kh < highH; kh++) {
        for (ptrdiff_t kw = lowW; kw < highW; kw++) {
          STORE(V, target + (kh * g->inputWidth + kw) * g->channels) += part;
        }
      }
    }
  }
}

#undef NAMED
#undef NAMED_
