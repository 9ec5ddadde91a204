# SPDX-License-Identifier: Apache-2.0
"""`openssl verify` for chains with SM2: the command of 3.0 sets the distinguishing id on the leaf alone, libcrypto can do it right."""
import ctypes
import re
import ssl

DISTINGUISHING_ID = b"1234567812345678"  # of certificates: GM/T 0009
SM2_WITH_SM3 = b"SM2-SM3"
DEPTH_LEVEL = 2  # as -auth_level

# What apps/verify.c goes on after.
GOES_ON = {10, 18, 24, 25, 26, 34, 37, 40, 41, 42, 43, 44, 76, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93}

crypto = ctypes.CDLL("libcrypto.so.3")
on_finding = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
for name in ("d2i_X509", "ASN1_OCTET_STRING_new", "X509_STORE_new", "X509_STORE_CTX_new", "OPENSSL_sk_new_null",
             "X509_STORE_CTX_get0_param"):
    getattr(crypto, name).restype = ctypes.c_void_p
crypto.OBJ_nid2sn.restype = ctypes.c_char_p


def pointer(value):
    return ctypes.c_void_p(value)


def read(file):
    """The certificates of a PEM file, each with its id if SM2 signed it."""
    rows = []
    for block in re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", file.read_text(), re.S):
        der = ssl.PEM_cert_to_DER_cert(block)
        start = ctypes.c_char_p(der)
        x = crypto.d2i_X509(None, ctypes.byref(start), len(der))
        if not x:
            return None
        if crypto.OBJ_nid2sn(crypto.X509_get_signature_nid(pointer(x))) == SM2_WITH_SM3:
            octets = crypto.ASN1_OCTET_STRING_new()
            crypto.ASN1_OCTET_STRING_set(pointer(octets), DISTINGUISHING_ID, len(DISTINGUISHING_ID))
            crypto.X509_set0_distinguishing_id(pointer(x), pointer(octets))
        rows.append(x)
    return rows


def errors(chain, bundles, purpose):
    """The error numbers for the natural chain in a file, in order; "0" if there is none. `purpose`: sslclient, sslserver or None."""
    seen = set()

    @on_finding
    def weigh(good, ctx):
        error = crypto.X509_STORE_CTX_get_error(pointer(ctx))
        if not good:
            seen.add(error)
        return int(good or error in GOES_ON)

    store, ctx, others = crypto.X509_STORE_new(), crypto.X509_STORE_CTX_new(), crypto.OPENSSL_sk_new_null()
    for bundle in bundles:
        for root in read(bundle):
            crypto.X509_STORE_add_cert(pointer(store), pointer(root))
    leaf, *rest = read(chain)
    for x in [leaf, *rest]:
        crypto.OPENSSL_sk_push(pointer(others), pointer(x))
    crypto.X509_STORE_CTX_init(pointer(ctx), pointer(store), pointer(leaf), pointer(others))
    param = crypto.X509_STORE_CTX_get0_param(pointer(ctx))
    crypto.X509_VERIFY_PARAM_set_auth_level(pointer(param), DEPTH_LEVEL)
    if purpose:
        crypto.X509_STORE_CTX_set_default(pointer(ctx), b"ssl_client" if purpose == "sslclient" else b"ssl_server")
    crypto.X509_STORE_CTX_set_verify_cb(pointer(ctx), weigh)
    held = crypto.X509_verify_cert(pointer(ctx)) == 1
    assert held or seen, f"{chain}: the chain does not hold, and no error was reported"
    return " ".join(sorted(map(str, seen))) or "0"
