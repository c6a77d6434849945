// OpenSSL's libcrypto: the SHA-256 that names a run by its configuration.
#include <openssl/sha.h>
