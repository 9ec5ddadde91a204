// SPDX-License-Identifier: Apache-2.0
#include "refpeer/client.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define FIELD(member) offsetof(mt_refclient_options, member)
static const mt_ref_option options[] = {
    {"library", "libssl|libcurl", MT_REF_CHOICE, FIELD(library)},
    {"connect", "HOST:PORT", MT_REF_TEXT, FIELD(connect)},
    {"sni", "NAME", MT_REF_TEXT, FIELD(sni)},
    {"cert", "FILE", MT_REF_TEXT, FIELD(cert)},
    {"key", "FILE", MT_REF_TEXT, FIELD(key)},
    {"cacert", "FILE", MT_REF_TEXT, FIELD(cacert)},
    {"insecure", "", MT_REF_FLAG, FIELD(insecure)},
    {"min-protocol", "tls1.2|tls1.3", MT_REF_CHOICE, FIELD(min_protocol)},
    {"max-protocol", "tls1.2|tls1.3", MT_REF_CHOICE, FIELD(max_protocol)},
    {"ciphers", "LIST", MT_REF_TEXT, FIELD(ciphers)},
    {"groups", "LIST", MT_REF_TEXT, FIELD(groups)},
    {"sigalgs", "LIST", MT_REF_TEXT, FIELD(sigalgs)},
    {"path", "/PATH", MT_REF_TEXT, FIELD(path)},
    {"alpn", "http/1.1", MT_REF_TEXT, FIELD(alpn)},
    {"timeout", "TIME (5s, 250ms)", MT_REF_TIME, FIELD(timeout)},
};

static const struct {
    const char *name;
    mt_refclient_library *run;
} libraries[] = {{"libssl", mt_refclient_libssl}, {"libcurl", mt_refclient_libcurl}};

const char *mt_refclient_name(const mt_refclient_options *o)
{
    return o->sni != NULL ? o->sni : o->address.host;
}

bool mt_refclient_is_address(const char *name)
{
    unsigned char address[16];
    return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

void mt_refclient_split_ciphers(const char *list, mt_refclient_ciphers *out)
{
    while (list != NULL && *list != '\0') {
        size_t n = strcspn(list, ":");
        mt_ref_text *to = strncmp(list, "TLS_", 4) == 0 ? &out->tls13 : &out->tls12;
        mt_ref_add(to, "%s%.*s", to->len > 0 ? ":" : "", (int)n, list);
        list += n + (list[n] == ':' ? 1 : 0);
    }
}

static void add_text_or_null(mt_ref_text *t, const char *key, const char *value)
{
    mt_ref_add(t, ", \"%s\": ", key);
    mt_ref_add_json_text(t, value[0] != '\0' ? value : NULL);
}

static void add_number_or_null(mt_ref_text *t, const char *key, int value)
{
    mt_ref_add(t, ", \"%s\": ", key);
    if (value != 0)
        mt_ref_add(t, "%d", value);
    else
        mt_ref_add(t, "null");
}

static void print_result(const char *library, const mt_refclient_result *r)
{
    mt_ref_text line = {0};
    mt_ref_add(&line, "{\"library\": \"%s\", \"connected\": %s", library, r->connected ? "true" : "false");
    add_number_or_null(&line, "status", r->status);
    add_text_or_null(&line, "protocol", r->protocol);
    add_text_or_null(&line, "cipher", r->cipher);
    add_number_or_null(&line, "alert", r->alert);
    add_number_or_null(&line, "alert_sent", r->alert_sent);
    add_text_or_null(&line, "error", r->error);
    mt_ref_add(&line, ", \"certificate_requested\": %s", r->certificate_requested ? "true" : "false");
    mt_ref_add(&line, ", \"ca_names\": %d, \"body\": ", r->ca_names);
    mt_ref_add_json(&line, r->body.at, r->body.len);
    mt_ref_add(&line, "}");
    puts(line.at);
    mt_ref_text_free(&line);
}

static void check_options(mt_refclient_options *o)
{
    if (o->connect == NULL || !mt_ref_split_address(o->connect, &o->address))
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: expected --connect HOST:PORT");
    if ((o->cert == NULL) != (o->key == NULL))
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: --cert and --key go together");
    if (o->cacert != NULL && o->insecure)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: expected --cacert or --insecure, not both");
    if (o->min_protocol > o->max_protocol)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: --min-protocol is above --max-protocol");
    if (o->path[0] != '/' || strcspn(o->path, " \r\n") != strlen(o->path))
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: --path wants a path that begins with /");
    if (o->alpn != NULL && strcmp(o->alpn, "http/1.1") != 0)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: --alpn wants http/1.1, the one protocol that is spoken here");
}

int main(int argc, char **argv)
{
    (void)argc;
    static const mt_ref_program program = {"mtlspec-refclient", options, MT_REF_COUNT(options)};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    mt_refclient_options o = {.library = -1, .max_protocol = 1, .timeout = 5000, .path = "/"};
    mt_refclient_result r = {0};
    sigaction(SIGPIPE, &ignore, NULL);
    mt_ref_read_options(&program, argv, &o);
    if (o.library < 0)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: expected --library libssl|libcurl");
    check_options(&o);
    libraries[o.library].run(&o, &r);
    print_result(libraries[o.library].name, &r);
    mt_ref_text_free(&r.body);
    return r.status != 0 ? 0 : MT_REF_EXIT_NETWORK;
}
