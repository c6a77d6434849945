// SPDX-License-Identifier: Apache-2.0

#include "onnx_model.h"

#ifdef CONTINUUM_ONNX

#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#include <cerrno>
#include <new>

#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/onnx_pb.h>

struct connx_model {
  onnx::ModelProto proto;

  onnx::GraphProto &graph() { return *proto.mutable_graph(); }
  onnx::NodeProto &node() { return *graph().mutable_node(graph().node_size() - 1); }

  onnx::AttributeProto &attribute(const char *name, onnx::AttributeProto_AttributeType type) {
    onnx::AttributeProto &attribute = *node().add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }
};

connx_model *connx_make(const char *graph, const char *producer, int64_t opset) {
  connx_model *model = new (std::nothrow) connx_model;
  if (!model) return nullptr;
  // The version that came with opset 17; later ones only add to it.
  model->proto.set_ir_version(8);
  model->proto.set_producer_name(producer);
  model->graph().set_name(graph);
  onnx::OperatorSetIdProto &set = *model->proto.add_opset_import();
  set.set_domain("");
  set.set_version(opset);
  return model;
}

void connx_free(connx_model *model) { delete model; }

void connx_add_metadata(connx_model *model, const char *key, const char *value) {
  onnx::StringStringEntryProto &entry = *model->proto.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

static void describe(
    onnx::ValueInfoProto &value, const char *name, const int64_t *lengths, size_t rank) {
  value.set_name(name);
  onnx::TypeProto_Tensor &type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto_DataType_FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("batch");
  for (size_t axis = 1; axis < rank; axis++)
    type.mutable_shape()->add_dim()->set_dim_value(lengths[axis]);
}

void connx_add_input(connx_model *model, const char *name, const int64_t *lengths, size_t rank) {
  describe(*model->graph().add_input(), name, lengths, rank);
}

void connx_add_output(connx_model *model, const char *name, const int64_t *lengths, size_t rank) {
  describe(*model->graph().add_output(), name, lengths, rank);
}

void connx_add_floats(
    connx_model *model, const char *name, const int64_t *lengths, size_t rank,
    const float *values) {
  onnx::TensorProto &tensor = *model->graph().add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto_DataType_FLOAT);
  size_t count = 1;
  for (size_t axis = 0; axis < rank; axis++) {
    tensor.add_dims(lengths[axis]);
    count *= (size_t)lengths[axis];
  }
  // Little-endian, as ONNX has it and as are all processors that this is built for.
  tensor.set_raw_data(values, count * sizeof(float));
}

void connx_add_integers(connx_model *model, const char *name, const int64_t *values, size_t count) {
  onnx::TensorProto &tensor = *model->graph().add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto_DataType_INT64);
  tensor.add_dims((int64_t)count);
  tensor.set_raw_data(values, count * sizeof(int64_t));
}

void connx_add_node(connx_model *model, const char *op, const char *name, const char *output) {
  onnx::NodeProto &node = *model->graph().add_node();
  node.set_op_type(op);
  node.set_name(name);
  node.add_output(output);
}

void connx_add_node_input(connx_model *model, const char *name) { model->node().add_input(name); }

void connx_set_integer(connx_model *model, const char *name, int64_t value) {
  model->attribute(name, onnx::AttributeProto_AttributeType_INT).set_i(value);
}

void connx_set_integers(connx_model *model, const char *name, const int64_t *values, size_t count) {
  onnx::AttributeProto &attribute = model->attribute(name, onnx::AttributeProto_AttributeType_INTS);
  for (size_t index = 0; index < count; index++) attribute.add_ints(values[index]);
}

void connx_set_float(connx_model *model, const char *name, float value) {
  model->attribute(name, onnx::AttributeProto_AttributeType_FLOAT).set_f(value);
}

bool connx_write(const connx_model *model, int descriptor) {
  google::protobuf::io::FileOutputStream stream(descriptor);
  bool isWhole = model->proto.SerializeToZeroCopyStream(&stream) && stream.Flush();
  if (!isWhole) errno = stream.GetErrno();
  return isWhole;
}

#endif
