// SPDX-License-Identifier: Apache-2.0

// OpenSSL's libcrypto: the SHA-256 that names a run by its configuration, and the MD5 by which
// publishers describe their files.
#include <openssl/evp.h>
#include <openssl/sha.h>
