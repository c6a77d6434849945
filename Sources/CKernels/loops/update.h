// SPDX-License-Identifier: Apache-2.0

// Optimiser steps: one pass over the weights each.
#pragma once
#include "vectors.h"

static void sgd(
    float *restrict w, const float *restrict g, float *restrict v, ptrdiff_t n,
    const ck_sgd *settings) {
  const ck_sgd s = *settings;
  if (s.isNesterov) {
    for (ptrdiff_t i = 0; i < n; i++) {
      float step = s.learningRate * (g[i] + s.decay * w[i]);
      v[i] = s.momentum * v[i] - step;
      w[i] += s.momentum * v[i] - step;
    }
  } else {
    for (ptrdiff_t i = 0; i < n; i++) {
      v[i] = s.momentum * v[i] - s.learningRate * (g[i] + s.decay * w[i]);
      w[i] += v[i];
    }
  }
}

static void rmsprop(
    float *restrict w, const float *restrict g, float *restrict meanSquare, float *restrict v,
    ptrdiff_t n, const ck_rmsprop *settings) {
  const ck_rmsprop s = *settings;
  for (ptrdiff_t i = 0; i < n; i++) {
    float gradient = g[i] + s.decay * w[i];
    meanSquare[i] = s.rho * meanSquare[i] + (1 - s.rho) * (gradient * gradient);
    v[i] =
        s.momentum * v[i] + s.learningRate * gradient / __builtin_sqrtf(meanSquare[i] + s.epsilon);
    w[i] -= v[i];
  }
}

static void adamw(
    float *restrict w, const float *restrict g, float *restrict m, float *restrict v, ptrdiff_t n,
    const ck_adamw *settings) {
  const ck_adamw s = *settings;
  for (ptrdiff_t i = 0; i < n; i++) {
    m[i] = s.beta1 * m[i] + (1 - s.beta1) * g[i];
    v[i] = s.beta2 * v[i] + (1 - s.beta2) * (g[i] * g[i]);
    float direction = m[i] * s.correction1 / (__builtin_sqrtf(v[i] * s.correction2) + s.epsilon);
    w[i] -= s.learningRate * (direction + s.decay * w[i]);
  }
}

static void average(const float *restrict w, float *restrict average, ptrdiff_t n, float decay) {
  for (ptrdiff_t i = 0; i < n; i++) average[i] = decay * average[i] + (1 - decay) * w[i];
}
