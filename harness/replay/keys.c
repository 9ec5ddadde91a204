// SPDX-License-Identifier: Apache-2.0
#include "pki/pki.h"
#include "replay/inner.h"

#include <dirent.h>
#include <errno.h>

enum { FILE_SIZE_MAX = 64 << 20, READ_STEP = 1 << 16, LINE_MAX_LEN = 1024, RANDOM = 32 };

mt_replay_keys *mt_replay_keys_new(void)
{
    mt_replay_keys *k = mt_alloc(sizeof *k);
    k->arena = mt_arena_new();
    return k;
}

void mt_replay_keys_free(mt_replay_keys *k)
{
    if (k == NULL)
        return;
    for (size_t i = 0; i < k->keys_len; i++)
        mt_key_free(k->keys[i]);
    mt_free(k->keys);
    mt_free(k->certificates);
    mt_free(k->lines);
    mt_arena_free(k->arena);
    mt_free(k);
}

/* ---- files ---- */

static bool read_all(FILE *f, mt_writer *out)
{
    size_t n = READ_STEP;
    while (n == READ_STEP && out->len <= FILE_SIZE_MAX) {
        n = fread(mt_write_room(out, READ_STEP), 1, READ_STEP, f);
        out->len -= READ_STEP - n;
    }
    return ferror(f) == 0;
}

bool mt_replay_file(const char *file, mt_writer *out, mt_diag *d)
{
    errno = 0;
    FILE *f = fopen(file, "rb");
    bool ok = f != NULL && read_all(f, out);
    if (!ok)
        mt_diag_add(d, (mt_place){file, 0, 0}, "cannot be read: %s", strerror(errno));
    else if (out->len > FILE_SIZE_MAX)
        mt_diag_add(d, (mt_place){file, 0, 0}, "is larger than 64 MiB");
    if (f != NULL)
        fclose(f);
    return ok && out->len <= FILE_SIZE_MAX;
}

/* ---- the key log ---- */

typedef struct words {
    char *at[3];
    size_t len;
} words;

/* Splits at blanks, in place; a fourth word makes it four. */
static words split(char *line)
{
    words w = {{NULL, NULL, NULL}, 0};
    char *p = line + strspn(line, " \t\r");
    while (*p != 0 && w.len < MT_COUNT(w.at)) {
        w.at[w.len++] = p;
        p += strcspn(p, " \t\r");
        if (*p != 0)
            *p++ = 0;
        p += strspn(p, " \t\r");
    }
    if (*p != 0)
        w.len++;
    return w;
}

static bool from_hex(mt_replay_keys *k, const char *hex, mt_span *out)
{
    mt_writer w = {0};
    bool ok = mt_write_from_hex(&w, hex) && w.len != 0;
    if (ok)
        *out = mt_span_of(mt_arena_copy(k->arena, w.at, w.len), w.len);
    mt_writer_free(&w);
    return ok;
}

static bool take_line(mt_replay_keys *k, mt_span bytes)
{
    char line[LINE_MAX_LEN];
    mt_log_line row = {0};
    if (bytes.len >= sizeof line)
        return false;
    if (bytes.len != 0)
        memcpy(line, bytes.at, bytes.len);
    line[bytes.len] = 0;
    words w = split(line);
    if (w.len == 0 || w.at[0][0] == '#')
        return true;
    if (w.len != 3 || !from_hex(k, w.at[1], &row.random) || !from_hex(k, w.at[2], &row.secret) || row.random.len != RANDOM)
        return false;
    row.label = mt_arena_strdup(k->arena, w.at[0]);
    MT_GROW(k->lines, k->lines_len, k->lines_cap);
    k->lines[k->lines_len++] = row;
    return true;
}

bool mt_replay_keys_log(mt_replay_keys *k, mt_span text, const char *name, mt_diag *d)
{
    for (int number = 1; text.len != 0; number++) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
        if (!take_line(k, mt_span_first(text, len))) {
            mt_diag_add(d, (mt_place){name, number, 0}, "is no line of a key log; wanted: LABEL, client random (32 bytes), secret, in hex");
            return false;
        }
        text = mt_span_skip(text, len + 1);
    }
    return true;
}

mt_span mt_replay_secret(const mt_replay_keys *k, const char *label, mt_span client_random)
{
    for (size_t i = 0; i < k->lines_len; i++)
        if (strcmp(k->lines[i].label, label) == 0 && mt_span_equal(k->lines[i].random, client_random))
            return k->lines[i].secret;
    return (mt_span){0};
}

/* ---- the folder ---- */

static void take_certificates(mt_replay_keys *k, const char *file, mt_diag *ignored)
{
    mt_der_list list;
    if (!mt_pem_certificates(file, k->arena, &list, ignored))
        return;
    for (size_t i = 0; i < list.len; i++) {
        MT_GROW(k->certificates, k->certificates_len, k->certificates_cap);
        k->certificates[k->certificates_len++] = list.rows[i];
    }
}

static void take_key(mt_replay_keys *k, const char *file, mt_diag *ignored)
{
    mt_writer pem = {0};
    mt_key *key = mt_replay_file(file, &pem, ignored) ? mt_key_load(mt_written(&pem), file, NULL, ignored) : NULL;
    if (key != NULL) {
        MT_GROW(k->keys, k->keys_len, k->keys_cap);
        k->keys[k->keys_len++] = key;
    }
    mt_writer_free(&pem);
}

static bool is_pem_name(const char *name)
{
    static const char *const endings[] = {".pem", ".crt", ".cer", ".key"};
    size_t len = strlen(name);
    for (size_t i = 0; i < MT_COUNT(endings); i++)
        if (len > 4 && strcmp(name + len - 4, endings[i]) == 0)
            return true;
    return false;
}

/* A file that holds no key is no fault of a folder of certificates, nor the reverse. */
static void take_file(mt_replay_keys *k, const char *folder, const char *name)
{
    mt_diag *ignored = mt_diag_new();
    const char *file = mt_arena_printf(k->arena, "%s/%s", folder, name);
    take_certificates(k, file, ignored);
    take_key(k, file, ignored);
    mt_diag_free(ignored);
}

bool mt_replay_keys_folder(mt_replay_keys *k, const char *folder, mt_diag *d)
{
    size_t before = k->keys_len + k->certificates_len;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        mt_diag_add(d, (mt_place){folder, 0, 0}, "cannot be read: %s", strerror(errno));
        return false;
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        if (is_pem_name(e->d_name))
            take_file(k, folder, e->d_name);
    closedir(dir);
    bool found = k->keys_len + k->certificates_len > before;
    if (!found)
        mt_diag_add(d, (mt_place){folder, 0, 0}, "holds no certificate and no private key in its .pem, .crt, .cer and .key files");
    return found;
}

const mt_key *mt_replay_key_of(const mt_replay_keys *k, const mt_key *public_key)
{
    for (size_t i = 0; public_key != NULL && i < k->keys_len; i++)
        if (mt_key_same(k->keys[i], public_key))
            return k->keys[i];
    return NULL;
}
