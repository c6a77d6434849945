// SPDX-License-Identifier: Apache-2.0

// Functions of each number alone, for every width of a run.
#pragma once
#include "vectors.h"

#define WIDEST 64
#define CK_TEMPLATE "activation_width.h"
#include "each_width.h"

// The usual activation stays in registers; the others are calls, so that a loop holds no more than
// one formula. Within a template by width.

/// value = the activation of value.
#define ACTIVATE(activation, value)                            \
  do {                                                         \
    if ((activation) == ck_relu) {                             \
      (value) = CK_RECTIFIED(V, value);                        \
    } else if (activation) {                                   \
      V activated = (value);                                   \
      BY_WIDTH(activate)(activation, &activated);              \
      (value) = activated;                                     \
    }                                                          \
  } while (0)

/// value *= the derivative of the activation at `seen`.
#define DERIVE(activation, seen, value)                        \
  do {                                                         \
    if ((activation) == ck_relu) {                             \
      (value) = CK_WHERE_POSITIVE(V, value, seen);             \
    } else if (activation) {                                   \
      V at = (seen), derived = (value);                        \
      BY_WIDTH(derive)(activation, &at, &derived);             \
      (value) = derived;                                       \
    }                                                          \
  } while (0)
