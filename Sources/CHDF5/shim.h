// HDF5: run files, weights and checkpoints. Swift cannot import the library's macros; the inline
// functions below name those that Records uses.
#include <hdf5.h>
