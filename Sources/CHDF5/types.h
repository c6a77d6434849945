// SPDX-License-Identifier: Apache-2.0

// The types of numbers and texts, in memory and in files.
#ifndef CONTINUUM_CHDF5_TYPES_H
#define CONTINUUM_CHDF5_TYPES_H

#include <hdf5.h>

enum { hdf5_float32, hdf5_float64, hdf5_int32, hdf5_int64, hdf5_uint8 };

// The type of a number in memory; a constant of the library, never closed.
static inline hid_t hdf5_memory_type(int kind) {
  switch (kind) {
    case hdf5_float32: return H5T_NATIVE_FLOAT;
    case hdf5_float64: return H5T_NATIVE_DOUBLE;
    case hdf5_int32: return H5T_NATIVE_INT32;
    case hdf5_int64: return H5T_NATIVE_INT64;
    default: return H5T_NATIVE_UINT8;
  }
}

// The types of 16 bits that files hold and HDF5 1.10 has no name for; to be closed.
static inline hid_t hdf5_small_float(size_t exponent, size_t mantissa) {
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, mantissa, exponent, 0, mantissa);
  H5Tset_precision(type, 16);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, (1u << (exponent - 1)) - 1);
  return type;
}

enum { hdf5_bfloat16_opaque = 1, hdf5_float_known = 2 };

// Whether a file's type is a little-endian IEEE float of 16, 32 or 64 bits or a bfloat16
// (`hdf5_float_known`), two bytes without meaning, as h5py writes bfloat16, or anything else (0).
static inline int hdf5_float_kind(hid_t type) {
  if (H5Tget_class(type) == H5T_OPAQUE) return H5Tget_size(type) == 2 ? hdf5_bfloat16_opaque : 0;
  if (H5Tget_class(type) != H5T_FLOAT) return 0;
  if (H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F64LE) > 0)
    return hdf5_float_known;
  hid_t half = hdf5_small_float(5, 10), brain = hdf5_small_float(8, 7);
  int known = H5Tequal(type, half) > 0 || H5Tequal(type, brain) > 0;
  H5Tclose(half);
  H5Tclose(brain);
  return known ? hdf5_float_known : 0;
}

// The type of a number in a file: little-endian on every machine.
static inline hid_t hdf5_file_type(int kind) {
  switch (kind) {
    case hdf5_float32: return H5T_IEEE_F32LE;
    case hdf5_float64: return H5T_IEEE_F64LE;
    case hdf5_int32: return H5T_STD_I32LE;
    case hdf5_int64: return H5T_STD_I64LE;
    default: return H5T_STD_U8LE;
  }
}

// UTF-8 text of any length; to be closed.
static inline hid_t hdf5_text_type(void) {
  hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  H5Tset_cset(text, H5T_CSET_UTF8);
  return text;
}

// The type to read a file's texts of type `like` into: as long, padded with zeros; to be closed.
static inline hid_t hdf5_text_type_like(hid_t like) {
  hid_t text = H5Tcopy(H5T_C_S1);
  if (H5Tis_variable_str(like) > 0) {
    H5Tset_size(text, H5T_VARIABLE);
  } else {
    H5Tset_size(text, H5Tget_size(like));
    H5Tset_strpad(text, H5T_STR_NULLPAD);
  }
  H5Tset_cset(text, H5Tget_cset(like));
  return text;
}

// Text of at most `size` bytes, padded with zeros, as NumPy's; to be closed.
static inline hid_t hdf5_padded_text_type(size_t size) {
  hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, size);
  H5Tset_strpad(text, H5T_STR_NULLPAD);
  return text;
}

#endif
