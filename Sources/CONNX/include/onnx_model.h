// SPDX-License-Identifier: Apache-2.0

// An ONNX model, built piece by piece and written: ONNX' own schema, as Debian installs it, behind
// functions of C. Without libonnx-dev and libprotobuf-dev this module is empty (Package.swift looks).
#ifndef CONTINUUM_ONNX_MODEL_H
#define CONTINUUM_ONNX_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct connx_model connx_model;

/// Nil where there is no memory.
connx_model *connx_make(const char *graph, const char *producer, int64_t opset);
void connx_free(connx_model *model);

void connx_add_metadata(connx_model *model, const char *key, const char *value);
/// Floats of a shape whose first length, the batch, is left open.
void connx_add_input(connx_model *model, const char *name, const int64_t *lengths, size_t rank);
void connx_add_output(connx_model *model, const char *name, const int64_t *lengths, size_t rank);

/// A tensor of constant numbers; as many values as the shape says.
void connx_add_floats(
    connx_model *model, const char *name, const int64_t *lengths, size_t rank, const float *values);
void connx_add_integers(connx_model *model, const char *name, const int64_t *values, size_t count);

/// A node without inputs; the functions below speak of the last one.
void connx_add_node(connx_model *model, const char *op, const char *name, const char *output);
void connx_add_node_input(connx_model *model, const char *name);
void connx_set_integer(connx_model *model, const char *name, int64_t value);
void connx_set_integers(connx_model *model, const char *name, const int64_t *values, size_t count);
void connx_set_float(connx_model *model, const char *name, float value);

/// Writes the model from where the descriptor stands; false where the system refuses, errno says why.
bool connx_write(const connx_model *model, int descriptor);

#ifdef __cplusplus
}
#endif

#endif
