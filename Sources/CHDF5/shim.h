// SPDX-License-Identifier: Apache-2.0

// HDF5: run files, weights and checkpoints. Swift cannot import the library's macros; the inline
// functions below name those that Records uses. zlib comes with libhdf5-dev; its CRC-32 seals files.
#ifndef CONTINUUM_CHDF5_SHIM_H
#define CONTINUUM_CHDF5_SHIM_H

#include <hdf5.h>
#include <string.h>
#include <zlib.h>

#include "types.h"

// MARK: Errors

// Errors are returned, never printed. The setting belongs to a thread, so every door calls it.
static inline void hdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static inline herr_t hdf5_first_reason(unsigned n, const H5E_error2_t *error, void *text) {
  if (n == 0 && error->desc) strncpy((char *)text, error->desc, 255);
  return 0;
}

// The innermost reason of the last error of this thread; `text` holds at least 256 zero bytes.
static inline void hdf5_reason(char *text) {
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hdf5_first_reason, text);
}

// MARK: Files

// No lock of HDF5's own: we write under a temporary name, and readers may sit on a network file
// system that has none.
static inline hid_t hdf5_access(void) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(access, 0, 1);
#endif
  return access;
}

// `earliest` to `v18`: any HDF5 from 1.8 on reads the file.
static inline hid_t hdf5_create(const char *path, hid_t access) {
  H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Pclose(access);
  return file;
}

// A file that is never on the disk. HDF5 would read whatever has its name; nothing can have this one.
static inline hid_t hdf5_create_in_memory(void) {
  hid_t access = hdf5_access();
  H5Pset_fapl_core(access, 1 << 20, 0);
  return hdf5_create("/dev/null/memory", access);
}

// How many bytes a flushed file in memory has; -1 where it is none.
static inline long long hdf5_memory_size(hid_t file) {
  return (long long)H5Fget_file_image(file, NULL, 0);
}

// Where it begins; NULL where it is none.
static inline const void *hdf5_memory(hid_t file) {
  void *memory = NULL;
  return H5Fget_vfd_handle(file, H5P_DEFAULT, &memory) < 0 || !memory ? NULL : *(void **)memory;
}

// Any version that this library reads: bounds would refuse newer superblocks.
static inline hid_t hdf5_open(const char *path) {
  hid_t access = hdf5_access();
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
  H5Pclose(access);
  return file;
}

// How many bytes a file has by its own word; -1 where it has none.
static inline long long hdf5_end(hid_t file) {
  haddr_t end = HADDR_UNDEF;
  return H5Fget_eoa(file, &end) < 0 || end > INT64_MAX ? -1 : (long long)end;
}

// MARK: Links

enum { hdf5_link_missing = -1, hdf5_link_hard = 0, hdf5_link_other = 1 };

static inline int hdf5_link_kind(hid_t parent, const char *name) {
  H5L_info_t info;
  if (H5Lget_info(parent, name, &info, H5P_DEFAULT) < 0) return hdf5_link_missing;
  return info.type == H5L_TYPE_HARD ? hdf5_link_hard : hdf5_link_other;
}

static inline long long hdf5_child_count(hid_t group) {
  H5G_info_t info;
  return H5Gget_info(group, &info) < 0 ? -1 : (long long)info.nlinks;
}

static inline long long hdf5_child_name(hid_t group, long long index, char *name, size_t size) {
  return H5Lget_name_by_idx(
      group, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)index, name, size, H5P_DEFAULT);
}

static inline hid_t hdf5_open_object(hid_t parent, const char *name) {
  return H5Oopen(parent, name, H5P_DEFAULT);
}

// Without times: the same values give the same bytes.
static inline hid_t hdf5_make_group(hid_t parent, const char *name) {
  hid_t how = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_obj_track_times(how, 0);
  hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, how, H5P_DEFAULT);
  H5Pclose(how);
  return group;
}

// MARK: Data sets

static inline hid_t hdf5_dataset_creation(void) { return H5Pcreate(H5P_DATASET_CREATE); }

static inline hid_t hdf5_make_dataset(hid_t parent, const char *name, hid_t type, hid_t space) {
  hid_t how = hdf5_dataset_creation();
  H5Pset_obj_track_times(how, 0);
  H5Pset_layout(how, H5D_CONTIGUOUS);
  hid_t dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
  H5Pclose(how);
  return dataset;
}

static inline herr_t hdf5_write(hid_t dataset, hid_t type, const void *values) {
  return H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

static inline herr_t hdf5_read(hid_t dataset, hid_t type, void *values) {
  return H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

enum { hdf5_in_file = 0, hdf5_in_chunks = 1, hdf5_elsewhere = 2 };

// Where the values of a data set lie: in one piece of this file, in chunks, or somewhere else.
static inline int hdf5_layout(hid_t dataset) {
  hid_t how = H5Dget_create_plist(dataset);
  if (how < 0) return hdf5_elsewhere;
  H5D_layout_t layout = H5Pget_layout(how);
  int external = H5Pget_external_count(how);
  H5Pclose(how);
  if (external != 0) return hdf5_elsewhere;
  if (layout == H5D_CONTIGUOUS || layout == H5D_COMPACT) return hdf5_in_file;
  return layout == H5D_CHUNKED ? hdf5_in_chunks : hdf5_elsewhere;
}

// The number of the first filter of a data set's that this library does not have; 0 where it has all.
static inline int hdf5_missing_filter(hid_t dataset) {
  hid_t how = H5Dget_create_plist(dataset);
  if (how < 0) return 0;
  int missing = 0, count = H5Pget_nfilters(how);
  for (int index = 0; index < count && !missing; index++) {
    unsigned flags, configuration;
    size_t values = 0;
    H5Z_filter_t filter =
        H5Pget_filter2(how, (unsigned)index, &flags, &values, NULL, 0, NULL, &configuration);
    if (filter > 0 && H5Zfilter_avail(filter) <= 0) missing = (int)filter;
  }
  H5Pclose(how);
  return missing;
}

// The first byte in the file of values that lie in one piece; -1 where they do not, or nothing was
// ever written.
static inline long long hdf5_offset(hid_t dataset) {
  haddr_t offset = H5Dget_offset(dataset);
  return offset == HADDR_UNDEF || offset > INT64_MAX ? -1 : (long long)offset;
}

// MARK: Places

// Where the header of an object begins, and how many bytes from there are certainly its own (a
// header in several parts says only how long all of them are); -1 where it is unreadable.
static inline long long hdf5_header(hid_t object, unsigned long long *size) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info1_t info;
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC | H5O_INFO_HDR);
#else
  H5O_info_t info;
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC | H5O_INFO_HDR);
#endif
  if (status < 0 || info.addr > INT64_MAX) return -1;
  *size = info.hdr.nchunks == 1 ? info.hdr.space.total : 16;
  return (long long)info.addr;
}

// MARK: Attributes

static inline long long hdf5_attribute_count(hid_t object) { return H5Aget_num_attrs(object); }

static inline long long hdf5_attribute_name(
    hid_t object, long long index, char *name, size_t size) {
  return H5Aget_name_by_idx(
      object, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)index, name, size, H5P_DEFAULT);
}

static inline hid_t hdf5_make_attribute(hid_t object, const char *name, hid_t type, hid_t space) {
  return H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
}

static inline hid_t hdf5_open_attribute(hid_t object, const char *name) {
  return H5Aopen(object, name, H5P_DEFAULT);
}

static inline herr_t hdf5_reclaim(hid_t type, hid_t space, void *values) {
  return H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
}

// MARK: Sizes

enum { hdf5_most_dimensions = 32 };

// The extents of a simple space, or -1; a scalar has none, and -2 says a null space.
static inline int hdf5_extents(hid_t space, unsigned long long *extents) {
  H5S_class_t kind = H5Sget_simple_extent_type(space);
  if (kind == H5S_NULL) return -2;
  hsize_t sizes[H5S_MAX_RANK];
  int rank = H5Sget_simple_extent_dims(space, sizes, NULL);
  for (int i = 0; i < rank; i++) extents[i] = sizes[i];
  return rank;
}

static inline hid_t hdf5_make_space(int rank, const unsigned long long *extents) {
  if (rank == 0) return H5Screate(H5S_SCALAR);
  hsize_t sizes[H5S_MAX_RANK];
  for (int i = 0; i < rank; i++) sizes[i] = extents[i];
  return H5Screate_simple(rank, sizes, NULL);
}

#endif
