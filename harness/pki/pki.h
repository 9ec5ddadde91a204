// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_PKI_H
#define MT_PKI_PKI_H
/* Recipes become keys, certificates and chains. A recipe (YAML in certs/) inherits from another by `like` and states only
 * its deviation. Certificates are made when they are first asked for, by an own DER writer, so that any field can be wrong. */
#include "base/diag.h"
#include "base/span.h"
#include "crypto/key.h"

typedef enum mt_algorithm { MT_RSA, MT_ECC, MT_SM2, MT_ALGORITHMS } mt_algorithm;
const char *mt_algorithm_name(mt_algorithm a); /* "rsa" "ecc" "sm2" */

typedef struct mt_pki mt_pki;

typedef struct mt_pki_config {
    const char *recipes;     /* folder of recipe files (certs/) */
    const char *dir;         /* where CAs and leaves live; NULL: in memory only */
    bool renew;              /* make the CAs of `dir` anew */
    /* The owner's CA: issues the leaves instead of ours. PEM files; NULL: ours. */
    const char *ca, *ca_key, *ca_password;
    /* The owner's working credential: stands for the recipe `client`. Without a CA key every recipe that must be issued by
     * the trusted CA is then out of reach. PEM files (certificate with its chain); NULL: none. */
    const char *cert, *key, *password;
    /* Of a working credential for TLCP the encryption half, under the same password; NULL: `cert` holds sign, enc, CAs, and `key`
     * both keys, or there is no encryption half: then it is issued if there is a CA key, and out of reach if not. */
    const char *enc_cert, *enc_key;
    int64_t now;             /* seconds since 1970, for validity dates; 0: the clock */
} mt_pki_config;

/* mt_pki_open reads the recipes and the folder (made if missing). On NULL `d` says why. */
mt_pki *mt_pki_open(const mt_pki_config *c, mt_diag *d);
void mt_pki_free(mt_pki *p);

bool mt_pki_has(const mt_pki *p, const char *recipe);
/* mt_pki_like returns the base recipe that `recipe` is like, over all steps between (it is honest: the twin presents it in the
 * place of `recipe`), or NULL for a base recipe. */
const char *mt_pki_like(const mt_pki *p, const char *recipe);
/* mt_pki_reach is NULL if the recipe can be made with what we hold for this algorithm, else the reason
 * ("needs the key of a CA that the target trusts"), for the verdict `unsupported`. */
const char *mt_pki_reach(const mt_pki *p, const char *recipe, mt_algorithm a);
/* mt_pki_names lists all recipe names, sorted; `*n` of them. Lives as long as `p`. */
const char *const *mt_pki_names(const mt_pki *p, size_t *n);

/* TLCP presents a pair: a certificate that signs, one that enciphers, then the CAs. Both halves are made from one recipe, with all
 * its defects: the same subject, names, issuer and dates; the signing half has the recipe's key and keyUsage without the bits
 * of encipherment, the encryption half a key of its own ("leaf-enc" beside "leaf") and keyUsage keyEncipherment +
 * dataEncipherment + keyAgreement (`enc-key-usage` states another; a recipe without keyUsage has none in both).
 *
 * Wherever a recipe is named, "NAME.sign" and "NAME.enc" name one half. In a presentation with `pair` a leaf named without
 * either stands for both, in this order; so recipes and lists that were written for one certificate make pairs unchanged:
 *     client                                sign, enc, intermediates      (natural)
 *     client.sign                           sign, intermediates: the encryption certificate is missing
 *     [client, intermediate, root]          sign, enc, intermediate, root
 *     [client.sign, expired.enc, intermediate]    the encryption certificate alone has expired
 *     [client.enc, client.sign, intermediate]     the pair is swapped
 *     [client.sign, intermediate, client.enc]     another order
 *     [client.sign, other-key.enc, intermediate]  halves of two subjects */

/* What a client (or server) presents: certificates in wire order, and the key that signs. */
typedef struct mt_credential {
    const mt_span *chain;      /* DER, in wire order */
    size_t chain_len;
    const mt_key *key;         /* of the first certificate that is a leaf and no encryption half; NULL when the chain is empty */
    const mt_key *enc_key;     /* of the first encryption half; NULL: there is none in the chain */
    const char *description;   /* "CN=mtlspec client  <-  CN=mtlspec intermediate" */
} mt_credential;

typedef struct mt_presentation {
    const char *const *names;  /* recipes in wire order */
    size_t len;
    bool natural;              /* one name, and its intermediates follow (root left out) */
    mt_algorithm algorithm;
    bool pair;                 /* TLCP: a leaf is two certificates */
} mt_presentation;

/* mt_pki_presentable is mt_pki_reach for all that a presentation names, both halves of its leaves if it is a pair. */
const char *mt_pki_presentable(const mt_pki *p, const mt_presentation *what);
/* mt_pki_present makes what `what` names; everything in `out` lives as long as `p` and is made once per distinct
 * presentation. False: `d` says why. */
MT_MUST_CHECK bool mt_pki_present(mt_pki *p, const mt_presentation *what, mt_credential *out, mt_diag *d);
/* Keys take time. mt_pki_want notes the ones that this recipe and its issuers will need; mt_pki_make_wanted makes all that were
 * noted and are not there yet, several at once in threads of its own that are gone when it returns. A key that cannot be
 * stored is tried again, and reported, when it is used. */
void mt_pki_want(mt_pki *p, const char *recipe, mt_algorithm a);
void mt_pki_make_wanted(mt_pki *p);
/* mt_pki_key returns the private key of a recipe (for sign-with), or NULL if there is none. "other-key" is a key of the
 * algorithm's usual type that no good certificate has. */
const mt_key *mt_pki_key(mt_pki *p, const char *recipe, mt_algorithm a, mt_diag *d);
/* mt_pki_anchors views the roots that a target must trust for client certificates, as DER: RSA and ECC. The SM2 roots stand by
 * themselves, here and in files: many a program refuses a whole bundle for one curve that it does not know. */
const mt_span *mt_pki_anchors(mt_pki *p, size_t *n, mt_diag *d);
/* mt_pki_server_anchors: the roots under which our own servers' certificates are issued. */
const mt_span *mt_pki_server_anchors(mt_pki *p, size_t *n, mt_diag *d);
const mt_span *mt_pki_sm2_anchors(mt_pki *p, size_t *n, mt_diag *d);
const mt_span *mt_pki_sm2_server_anchors(mt_pki *p, size_t *n, mt_diag *d);
/* mt_pki_anchor_name appends the DER subject Name of the anchor for `a` (to compare with a server's CA names). */
MT_MUST_CHECK bool mt_pki_anchor_name(mt_pki *p, mt_algorithm a, mt_writer *out, mt_diag *d);

/* Files, layout of `dir`: born (birth date), ca.pem (all client roots), server-ca.pem, <algorithm>/<recipe>.pem (chain as
 * sent; "a+b.pem" for a list), <algorithm>/<recipe>.key (0600), keys/<type>-<name>.key (the pool, 0600). The CAs of base recipes
 * and the pool are made once and read back from then on; all else is made anew by each process. mt_pki_make writes the hierarchy
 * of RSA and ECC and its plain credentials client and server; mt_pki_file writes one recipe on demand and returns its path (so
 * that a printed openssl line works). A pair is <recipe>-pair.pem, and <recipe>-pair.key with both keys, the signing one first.
 *
 * mt_pki_make_sm2 does the same for SM2, below sm2/ with bundles of their own (sm2/ca.pem, sm2/server-ca.pem), client and server
 * as single certificates (RFC 8998), as pairs, and half by half for programs that want a file for each certificate:
 * client.sign.pem, client.sign.key, client.enc.pem, client.enc.key. Keys are PKCS#8. With an owner's CA of another algorithm
 * there is nothing to make: SM2 certificates are issued by SM2 CAs alone. */
MT_MUST_CHECK bool mt_pki_make(mt_pki *p, mt_diag *d);
MT_MUST_CHECK bool mt_pki_make_sm2(mt_pki *p, mt_diag *d);
/* mt_pki_pair_files writes pair and halves of a recipe over SM2, those that can be made; returns how many paths are in `files`. */
enum { MT_PAIR_FILES = 3 };
size_t mt_pki_pair_files(mt_pki *p, const char *recipe, const char *files[MT_PAIR_FILES], mt_diag *d);
const char *mt_pki_file(mt_pki *p, const mt_presentation *what, mt_diag *d);

typedef struct mt_der_list {
    mt_span *rows;
    size_t len;
} mt_der_list;

/* Owners' files (ca, ca_key, cert, key, enc_cert, enc_key) may also be PKCS#12, under the same passwords; the key is then most often in
 * the same file. mt_pki_is_pkcs12: the file begins as PKCS#12. mt_pki_is_locked: and a password is what it does not
 * open without; a damaged one is not locked. */
bool mt_pki_is_pkcs12(const char *file);
bool mt_pki_is_locked(const char *file);
/* mt_own_load reads a credential of somebody's own, whose keys have to be those of its certificates: in `cert` the chain, for TLCP
 * sign, enc, CAs (or the encryption certificate in enc_cert), in `key` its key or both keys. False: `d` says why. Either way the keys
 * that were read are the caller's to free; the chain lives in the arena. */
typedef struct mt_own_files {
    const char *cert, *key, *enc_cert, *enc_key; /* the last two: NULL, or both */
    const char *password;                        /* of all of them, or NULL */
} mt_own_files;
typedef struct mt_own {
    mt_der_list chain; /* as it is sent: of a pair the signing certificate, then the one for encryption */
    mt_key *key, *enc_key; /* enc_key: NULL if it is no pair */
} mt_own;
MT_MUST_CHECK bool mt_own_load(const mt_own_files *files, mt_arena *arena, mt_own *out, mt_diag *d);
/* mt_pem_certificates reads all certificates of a PEM file as DER, in file order, into `arena`. False: `d` says why (cannot
 * be read, empty, DER given where PEM is wanted, truncated, a key instead). */
MT_MUST_CHECK bool mt_pem_certificates(const char *file, mt_arena *arena, mt_der_list *out, mt_diag *d);
/* mt_pem_write appends one certificate as PEM, in lines of 64 characters. */
void mt_pem_write(mt_writer *w, mt_span der);
/* mt_file_write replaces `file` as a whole, with these permissions; nobody ever sees half of it. */
MT_MUST_CHECK bool mt_file_write(const char *file, mt_span bytes, unsigned mode, mt_diag *d);
#endif
