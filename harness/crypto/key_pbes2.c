// SPDX-License-Identifier: Apache-2.0
/* PBES2 (RFC 8018) with the PRF that libcrypto 3.0 has no number for: HMAC-SM3, as GmSSL and other SM2 programs write keys. */
#include "crypto/key_inner.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { ITERATIONS_MAX = 10000000, OID_MAX = 64, SALT_MIN = 1 };

/* GM/T 0091: 401.2 in use, 401.3.1 in the annex. */
static const char *const hmac_sm3[] = {"1.2.156.10197.1.401.2", "1.2.156.10197.1.401.3.1"};

static bool is_hmac_sm3(const X509_ALGOR *prf)
{
    char oid[OID_MAX];
    const ASN1_OBJECT *object = NULL;
    X509_ALGOR_get0(&object, NULL, NULL, prf);
    OBJ_obj2txt(oid, sizeof oid, object, 1);
    for (size_t i = 0; i < MT_COUNT(hmac_sm3); i++)
        if (strcmp(oid, hmac_sm3[i]) == 0)
            return true;
    return false;
}

static void *parameters(const X509_ALGOR *a, int nid, const ASN1_ITEM *item)
{
    const ASN1_OBJECT *object = NULL;
    const void *value = NULL;
    int type = 0;
    X509_ALGOR_get0(&object, &type, &value, a);
    if (OBJ_obj2nid(object) != nid || type != V_ASN1_SEQUENCE)
        return NULL;
    return ASN1_item_unpack(value, item);
}

/* What the password becomes: a key for `cipher`. */
static bool derive(const PBKDF2PARAM *kdf, const char *password, const EVP_CIPHER *cipher, uint8_t *key)
{
    if (kdf->prf == NULL || !is_hmac_sm3(kdf->prf) || kdf->salt->type != V_ASN1_OCTET_STRING)
        return false;
    const ASN1_OCTET_STRING *salt = kdf->salt->value.octet_string;
    long rounds = ASN1_INTEGER_get(kdf->iter);
    if (ASN1_STRING_length(salt) < SALT_MIN || rounds < 1 || rounds > ITERATIONS_MAX)
        return false;
    return PKCS5_PBKDF2_HMAC(password, (int)strlen(password), ASN1_STRING_get0_data(salt), ASN1_STRING_length(salt), (int)rounds,
                             mt_hash_md(MT_SM3), EVP_CIPHER_get_key_length(cipher), key) == 1;
}

typedef struct sealed {
    const EVP_CIPHER *cipher;
    mt_span iv, content;
    uint8_t key[EVP_MAX_KEY_LENGTH];
} sealed;

static EVP_PKEY *open_content(const sealed *s)
{
    uint8_t *plain = mt_alloc(s->content.len + EVP_MAX_BLOCK_LENGTH);
    int len = 0, last = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx != NULL && EVP_DecryptInit_ex(ctx, s->cipher, NULL, s->key, s->iv.at) == 1 &&
              EVP_DecryptUpdate(ctx, plain, &len, s->content.at, (int)s->content.len) == 1 &&
              EVP_DecryptFinal_ex(ctx, plain + len, &last) == 1;
    const unsigned char *at = plain;
    EVP_PKEY *key = ok ? d2i_AutoPrivateKey(NULL, &at, len + last) : NULL;
    EVP_CIPHER_CTX_free(ctx);
    OPENSSL_cleanse(plain, s->content.len + EVP_MAX_BLOCK_LENGTH);
    mt_free(plain);
    return key;
}

static EVP_PKEY *open_scheme(const PBE2PARAM *scheme, mt_span content, const char *password)
{
    const ASN1_OBJECT *object = NULL;
    const void *value = NULL;
    int type = 0;
    X509_ALGOR_get0(&object, &type, &value, scheme->encryption);
    sealed s = {.cipher = EVP_get_cipherbyobj(object), .content = content};
    PBKDF2PARAM *kdf = parameters(scheme->keyfunc, NID_id_pbkdf2, ASN1_ITEM_rptr(PBKDF2PARAM));
    const ASN1_OCTET_STRING *iv = type == V_ASN1_OCTET_STRING ? value : NULL;
    bool fits = s.cipher != NULL && iv != NULL && ASN1_STRING_length(iv) == EVP_CIPHER_get_iv_length(s.cipher);
    EVP_PKEY *key = NULL;
    if (fits && kdf != NULL && derive(kdf, password, s.cipher, s.key)) {
        s.iv = mt_span_of(ASN1_STRING_get0_data(iv), (size_t)ASN1_STRING_length(iv));
        key = open_content(&s);
    }
    OPENSSL_cleanse(s.key, sizeof s.key);
    ASN1_item_free((ASN1_VALUE *)kdf, ASN1_ITEM_rptr(PBKDF2PARAM));
    return key;
}

EVP_PKEY *mt_pbes2_open(mt_span der, const char *password)
{
    const unsigned char *at = der.at;
    X509_SIG *outer = d2i_X509_SIG(NULL, &at, (long)der.len);
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OCTET_STRING *content = NULL;
    if (outer == NULL) {
        ERR_clear_error();
        return NULL;
    }
    X509_SIG_get0(outer, &algorithm, &content);
    PBE2PARAM *scheme = parameters(algorithm, NID_pbes2, ASN1_ITEM_rptr(PBE2PARAM));
    mt_span bytes = mt_span_of(ASN1_STRING_get0_data(content), (size_t)ASN1_STRING_length(content));
    EVP_PKEY *key = scheme != NULL ? open_scheme(scheme, bytes, password) : NULL;
    ASN1_item_free((ASN1_VALUE *)scheme, ASN1_ITEM_rptr(PBE2PARAM));
    X509_SIG_free(outer);
    ERR_clear_error();
    return key;
}
