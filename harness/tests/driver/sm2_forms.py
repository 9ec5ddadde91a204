# SPDX-License-Identifier: Apache-2.0
"""SM2 keys in forms that openssl does not write."""
import base64
import hashlib
import os
import subprocess

PASSWORD = "secret"


def openssl(*arguments, **more):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, timeout=30, check=False, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def der(tag, *parts):
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 128 | len(size)]) + size + content


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([40 * first + second])
    for number in rest:
        digits = [number & 127]
        while number := number >> 7:
            digits.insert(0, number & 127 | 128)
        out += bytes(digits)
    return der(6, out)


def gmssl_der(key, password, prf):
    """EncryptedPrivateKeyInfo as GmSSL writes it: PBES2, PBKDF2 with HMAC-SM3, SM4-CBC."""
    salt, iv, rounds = os.urandom(8), os.urandom(16), 65536
    secret = hashlib.pbkdf2_hmac("sm3", password.encode(), salt, rounds, 16)
    plain = openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "der")
    sealed = openssl("enc", "-sm4-cbc", "-K", secret.hex(), "-iv", iv.hex(), input=plain)
    kdf = der(0x30, oid("1.2.840.113549.1.5.12"), der(0x30, der(4, salt), der(2, rounds.to_bytes(3, "big")), der(0x30, oid(prf))))
    scheme = der(0x30, oid("1.2.840.113549.1.5.13"), der(0x30, kdf, der(0x30, oid("1.2.156.10197.1.104.2"), der(4, iv))))
    return der(0x30, scheme, der(4, sealed))


def gmssl_form(key, password, prf):
    text = base64.encodebytes(gmssl_der(key, password, prf)).decode()
    return f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{text}-----END ENCRYPTED PRIVATE KEY-----\n"
