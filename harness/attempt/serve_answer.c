// SPDX-License-Identifier: Apache-2.0
#include "attempt/serve_judge.h"

#include "wire/codes.h"

typedef struct reason {
    int status;
    const char *phrase;
} reason;

static const reason reasons[] = {
    {200, "OK"}, {301, "Moved Permanently"}, {302, "Found"}, {304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"},
    {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {413, "Content Too Large"}, {414, "URI Too Long"},
    {421, "Misdirected Request"}, {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"}, {503, "Service Unavailable"},
};

static const char *const methods[] = {"GET", "HEAD", "POST"};

static const char *phrase(int status)
{
    for (size_t i = 0; i < MT_COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].phrase;
    return "";
}

static bool knows_method(const char *method)
{
    for (size_t i = 0; i < MT_COUNT(methods); i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

/* /status/NNN asks for that status; interim ones are none that a request can end with. */
static int status_of_path(const char *path)
{
    static const char prefix[] = "/status/";
    const char *digits = path + sizeof prefix - 1;
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return 200;
    if (strlen(digits) != 3 || strspn(digits, "0123456789") != 3 || digits[0] < '2' || digits[0] > '5')
        return 404;
    return 100 * (digits[0] - '0') + 10 * (digits[1] - '0') + (digits[2] - '0');
}

static int choose_status(const mt_serve_reply *r)
{
    if (r->asked->refuse != 0)
        return r->asked->refuse;
    if (r->status != 0)
        return r->status;
    return knows_method(r->asked->method) ? status_of_path(r->asked->path) : 405;
}

/* ---- JSON ---- */

static void add_string(mt_writer *w, const char *text)
{
    if (text == NULL) {
        mt_writef(w, "null");
        return;
    }
    mt_writef(w, "\"");
    for (; *text != 0; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c >= 0x7f)
            mt_writef(w, "\\u%04x", c);
        else
            mt_writef(w, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
    }
    mt_writef(w, "\"");
}

static void add_member(mt_writer *w, const char *name, const char *text)
{
    mt_writef(w, ", \"%s\": ", name);
    add_string(w, text);
}

static void add_certificate(mt_writer *w, const mt_judged *j)
{
    if (j == NULL || j->who.subject == NULL) {
        mt_writef(w, ", \"certificate\": null");
        return;
    }
    mt_writef(w, ", \"certificate\": {\"subject\": ");
    add_string(w, j->who.subject);
    add_member(w, "issuer", j->who.issuer);
    add_member(w, "serial", j->who.serial);
    add_member(w, "fingerprint_sha256", j->who.fingerprint);
    mt_writef(w, "}");
}

/* As libssl calls them, so that this answer and mtlspec-refserver's read alike. */
static const char *protocol_name(uint16_t version)
{
    static const struct {
        uint16_t version;
        const char *name;
    } rows[] = {{MT_TLS12, "TLSv1.2"}, {MT_TLS13, "TLSv1.3"}, {MT_TLCP, "TLCP"}};
    for (size_t i = 0; i < MT_COUNT(rows); i++)
        if (rows[i].version == version)
            return rows[i].name;
    return NULL;
}

static void add_body(mt_writer *w, const mt_serve_reply *r)
{
    const mt_judged *j = r->judged;
    bool good = j != NULL && j->verdict.ok;
    mt_writef(w, "{\"verified\": %s", good ? "true" : "false");
    add_certificate(w, j);
    add_member(w, "protocol", protocol_name(r->info->version));
    add_member(w, "cipher", mt_code_name(&mt_suites, r->info->suite));
    add_member(w, "verify_error", j == NULL || good ? NULL : j->verdict.text);
    add_member(w, "sni", r->info->sni);
    mt_writef(w, "}\n");
}

/* ---- the response ---- */

static void add_header_text(mt_writer *w, const char *name, const char *before, const char *text)
{
    mt_writef(w, "%s: %s", name, before);
    for (; *text != 0; text++)
        mt_writef(w, "%c", *text >= ' ' && *text < 0x7f ? *text : '?');
    mt_writef(w, "\r\n");
}

static void add_identity_headers(mt_writer *w, const mt_judged *j)
{
    if (j == NULL) {
        mt_writef(w, "X-Client-Verify: NONE\r\n");
        return;
    }
    if (j->verdict.ok)
        mt_writef(w, "X-Client-Verify: SUCCESS\r\n");
    else
        add_header_text(w, "X-Client-Verify", "FAILED:", j->verdict.text);
    if (j->who.subject != NULL)
        add_header_text(w, "X-Client-Subject", "", j->who.subject);
}

void mt_serve_answer(const mt_serve_reply *r, mt_writer *out)
{
    int status = choose_status(r);
    bool bodiless = status == 204 || status == 304;
    mt_writer body = {0};
    add_body(&body, r);
    mt_writef(out, "HTTP/1.1 %d %s\r\nServer: mtlspec/%s\r\nContent-Type: application/json\r\n", status, phrase(status), MT_VERSION);
    add_identity_headers(out, r->judged);
    if (!bodiless)
        mt_writef(out, "Content-Length: %zu\r\n", body.len);
    mt_writef(out, "Connection: %s\r\n\r\n", r->asked->keep_alive ? "keep-alive" : "close");
    if (!bodiless && (r->asked->refuse != 0 || strcmp(r->asked->method, "HEAD") != 0))
        mt_write_bytes(out, mt_written(&body));
    mt_writer_free(&body);
}
