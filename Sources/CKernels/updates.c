// Optimiser steps: one pass over the weights each.
#include "Vectors.h"

CK_CLONES void ck_sgd(
    float *restrict w, const float *restrict g, float *restrict v, ptrdiff_t n,
    float learningRate, float momentum, int nesterov, float decay) {
  if (nesterov) {
    for (ptrdiff_t i = 0; i < n; i++) {
      float step = learningRate * (g[i] + decay * w[i]);
      v[i] = momentum * v[i] - step;
      w[i] += momentum * v[i] - step;
    }
  } else {
    for (ptrdiff_t i = 0; i < n; i++) {
      v[i] = momentum * v[i] - learningRate * (g[i] + decay * w[i]);
      w[i] += v[i];
    }
  }
}

CK_CLONES void ck_rmsprop(
    float *restrict w, const float *restrict g, float *restrict meanSquare, float *restrict v,
    ptrdiff_t n, float learningRate, float rho, float momentum, float epsilon, float decay) {
  for (ptrdiff_t i = 0; i < n; i++) {
    float gradient = g[i] + decay * w[i];
    meanSquare[i] = rho * meanSquare[i] + (1 - rho) * (gradient * gradient);
    v[i] = momentum * v[i] + learningRate * gradient / __builtin_sqrtf(meanSquare[i] + epsilon);
    w[i] -= v[i];
  }
}

CK_CLONES void ck_adamw(
    float *restrict w, const float *restrict g, float *restrict m, float *restrict v,
    ptrdiff_t n, float learningRate, float beta1, float beta2, float epsilon, float decay,
    float correction1, float correction2) {
  for (ptrdiff_t i = 0; i < n; i++) {
    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    v[i] = beta2 * v[i] + (1 - beta2) * (g[i] * g[i]);
    float direction = m[i] * correction1 / (__builtin_sqrtf(v[i] * correction2) + epsilon);
    w[i] -= learningRate * (direction + decay * w[i]);
  }
}

CK_CLONES void ck_average(
    const float *restrict w, float *restrict average, ptrdiff_t n, float decay) {
  for (ptrdiff_t i = 0; i < n; i++) average[i] = decay * average[i] + (1 - decay) * w[i];
}
