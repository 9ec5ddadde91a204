// SPDX-License-Identifier: Apache-2.0
/* CPU time of a client in a full mutual handshake with SM2, for each suite, the engine against the engine; only the client is
 * timed, and it keeps its trace. And beside it, in turns, what libcrypto takes for the SM2 operations that no client can do
 * without. The chain of the server is judged once and not again, as in a run. One line a figure: cell, what, microseconds. */
#include "attempt/trust.h"
#include "base/diag.h"
#include "pki/pki.h"
#include "sm2_floor.h"

#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 200, WARM_UP = 10 };

typedef void floor_work(sm2_floor *f);

typedef struct cell {
    const char *name;
    uint16_t version, suite;
    floor_work *floor[5]; /* what has to be done; the key agreement is at the least one ECDH */
} cell;

#define BY_ENCRYPTION {floor_verify, floor_encrypt, floor_sign}
#define BY_AGREEMENT {floor_generate, floor_verify, floor_ecdh, floor_sign}

static const cell cells[] = {
    {"tlcp/ECC_SM4_CBC_SM3", MT_TLCP, 0xe013, BY_ENCRYPTION},
    {"tlcp/ECC_SM4_GCM_SM3", MT_TLCP, 0xe053, BY_ENCRYPTION},
    {"tlcp/ECDHE_SM4_CBC_SM3", MT_TLCP, 0xe011, BY_AGREEMENT},
    {"tlcp/ECDHE_SM4_GCM_SM3", MT_TLCP, 0xe051, BY_AGREEMENT},
    {"tls1.3/TLS_SM4_GCM_SM3", MT_TLS13, 0x00c6, BY_AGREEMENT},
    {"tls1.3/TLS_SM4_CCM_SM3", MT_TLS13, 0x00c7, BY_AGREEMENT},
};

typedef struct scene {
    const cell *cell;
    uint16_t suites[2];
    mt_identity client, server;
    mt_trust *trust;
    sm2_floor floor;
} scene;

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static bool trusts(void *self, const mt_span *chain, size_t n, uint8_t *alert, char text[200])
{
    const scene *s = self;
    return mt_trust_accepts(s->trust, &(mt_trust_asked){chain, n, mt_trust_use(s->cell->suite)}, alert, text);
}

static void drain_trace(mt_engine *e)
{
    mt_trace_line line;
    while (mt_engine_trace_next(e, &line))
        continue;
}

static mt_engine *make_client(scene *s)
{
    mt_engine_config c = {.role = MT_CLIENT, .version = s->cell->version, .suites = s->suites, .sni = "localhost", .identity = s->client,
                          .judge = {trusts, s}};
    return mt_engine_new(&c);
}

static mt_engine *make_server(const scene *s)
{
    mt_engine_config c = {.role = MT_SERVER, .version = s->cell->version, .suites = s->suites, .identities = &s->server,
                          .identities_len = 1, .request = MT_REQUEST_REQUIRED};
    return mt_engine_new(&c);
}

static double handshake(scene *s)
{
    mt_engine *server = make_server(s);
    double spent = -cpu_us();
    mt_engine *client = make_client(s);
    spent += cpu_us();
    while (mt_engine_output(client).len != 0) {
        mt_engine_feed(server, mt_engine_output(client));
        spent -= cpu_us();
        mt_engine_sent(client, mt_engine_output(client).len);
        mt_engine_feed(client, mt_engine_output(server));
        drain_trace(client);
        spent += cpu_us();
        mt_engine_sent(server, mt_engine_output(server).len);
    }
    must(mt_engine_info_of(client)->phase == MT_PHASE_OPEN && mt_engine_info_of(server)->peer_proved, "the handshake does not end well");
    spent -= cpu_us();
    mt_engine_free(client);
    spent += cpu_us();
    mt_engine_free(server);
    return spent;
}

static double floor_of(scene *s)
{
    double spent = -cpu_us();
    for (floor_work *const *work = s->cell->floor; *work != NULL; work++)
        (*work)(&s->floor);
    return spent + cpu_us();
}

static void measure(scene *s)
{
    double ours[ROUNDS], theirs[ROUNDS];
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        double one = handshake(s), floor = floor_of(s);
        if (i >= 0) {
            ours[i] = one;
            theirs[i] = floor;
        }
    }
    qsort(ours, ROUNDS, sizeof *ours, by_value);
    qsort(theirs, ROUNDS, sizeof *theirs, by_value);
    printf("%s engine %.1f\n%s floor %.1f\n", s->cell->name, ours[ROUNDS / 2], s->cell->name, theirs[ROUNDS / 2]);
}

static mt_identity identity(mt_pki *pki, const char *const *recipe, const cell *c, mt_diag *d)
{
    mt_credential made;
    mt_presentation what = {recipe, 1, true, MT_SM2, c->version == MT_TLCP};
    must(mt_pki_present(pki, &what, &made, d), mt_diag_text(d));
    return (mt_identity){.chain = made.chain, .chain_len = made.chain_len, .key = made.key, .enc_key = made.enc_key};
}

static void prepare(scene *s, mt_pki *pki, mt_diag *d)
{
    static const char *const client[] = {"client"}, *const server[] = {"server"};
    s->suites[0] = s->cell->suite;
    s->client = identity(pki, client, s->cell, d);
    s->server = identity(pki, server, s->cell, d);
    size_t n = 0;
    const mt_span *roots = mt_pki_sm2_server_anchors(pki, &n, d);
    must(roots != NULL, mt_diag_text(d));
    s->trust = mt_trust_new(&(mt_trust_config){roots, n, "localhost", false});
}

int main(void)
{
    static scene s;
    mt_diag *d = mt_diag_new();
    mt_pki_config config = {.recipes = MT_DATA_DIR "/certs"};
    mt_pki *pki = mt_pki_open(&config, d);
    must(pki != NULL, mt_diag_text(d));
    sm2_floor_make(&s.floor);
    for (size_t i = 0; i < MT_COUNT(cells); i++) {
        s.cell = &cells[i];
        prepare(&s, pki, d);
        measure(&s);
        mt_trust_free(s.trust);
    }
    mt_pki_free(pki);
    mt_diag_free(d);
    return 0;
}
