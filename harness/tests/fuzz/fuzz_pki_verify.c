// SPDX-License-Identifier: Apache-2.0
/* Judges the input as a peer's chain. One octet of flags (1: a server's chain; 2: the last certificate is also the anchor;
 * 4: a pair of TLCP, 8: whose second key agrees), eight of faults, then certificates, each behind its length of two octets. */
#include "pki/verify.h"
#include "base/reader.h"
#include "pki/name.h"

#include <assert.h>

enum { CHAIN_MAX = MT_CHAIN_MAX + 8, SOME_DAY = 1795219200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is shown of a certificate is text that a terminal can take. */
static void check_names(const mt_path *path)
{
    mt_writer shown = {0};
    for (size_t i = 0; i < path->chain_len; i++)
        mt_name_show(&shown, path->chain[i]);
    for (size_t i = 0; i < shown.len; i++)
        assert(shown.at[i] >= ' ' && shown.at[i] <= '~');
    mt_writer_free(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mt_parse parse;
    mt_span chain[CHAIN_MAX];
    mt_reader r = mt_parse_start(&parse, mt_span_of(data, size), false);
    uint64_t flags = mt_read_uint(&r, "flags", 1);
    mt_path path = {.chain = chain, .faults = mt_read_uint(&r, "faults", 8), .now = SOME_DAY, .host = "localhost"};
    path.purpose = flags & 1 ? MT_PURPOSE_SERVER : MT_PURPOSE_CLIENT;
    while (path.chain_len < CHAIN_MAX && mt_read_next(&r))
        chain[path.chain_len++] = mt_read_vec(&r, "certificate", 2).rest;
    if (path.chain_len > 0 && flags & 2) {
        path.anchors = &chain[path.chain_len - 1];
        path.anchors_len = 1;
    }
    if (flags & 4)
        path.use = flags & 8 ? MT_LEAF_AGREES : MT_LEAF_ENCIPHERS;
    mt_path_verdict v = flags & 4 ? mt_path_verify_pair(&path) : mt_path_verify(&path);
    assert(v.ok == (v.alert == 0) && v.ok == (v.text[0] == 0));
    check_names(&path);
    return 0;
}
