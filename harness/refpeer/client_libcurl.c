// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>
#include <string.h>

#include "refpeer/client.h"

/* What the callbacks of libcurl work on. */
typedef struct call {
    const mt_refclient_options *o;
    mt_refclient_result *r;
} call;

static const long min_versions[] = {CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_TLSv1_3};
static const long max_versions[] = {CURL_SSLVERSION_MAX_TLSv1_2, CURL_SSLVERSION_MAX_TLSv1_3};

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    call *c = arg;
    size_t n = size * count, room = MT_REFCLIENT_BODY_MAX - c->r->body.len;
    mt_ref_add_bytes(&c->r->body, bytes, n < room ? n : room);
    return n;
}

/* libcurl 7.88 has no option for signature algorithms. */
static CURLcode touch_context(CURL *curl, void *tls, void *arg)
{
    (void)curl;
    call *c = arg;
    if (c->o->sigalgs != NULL && SSL_CTX_set1_sigalgs_list(tls, c->o->sigalgs) != 1)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: --sigalgs %s: no such list", c->o->sigalgs);
    c->r->connected = true; // libcurl makes the context once it has a connection
    return mt_refclient_listen(tls, c->r) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

static void set_text(CURL *curl, CURLoption option, const char *value)
{
    if (value != NULL && value[0] != '\0')
        curl_easy_setopt(curl, option, value);
}

static void set_target(CURL *curl, const mt_refclient_options *o, struct curl_slist **connect_to)
{
    mt_ref_text url = {0}, to = {0};
    const char *name = mt_refclient_name(o);
    bool v6 = strchr(name, ':') != NULL;
    mt_ref_add(&url, "https://%s%s%s:%s%s", v6 ? "[" : "", name, v6 ? "]" : "", o->address.port, o->path);
    mt_ref_add(&to, "::%s", o->connect);
    *connect_to = curl_slist_append(NULL, to.at);
    curl_easy_setopt(curl, CURLOPT_URL, url.at);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, *connect_to);
    mt_ref_text_free(&url);
    mt_ref_text_free(&to);
}

static void set_tls(CURL *curl, const mt_refclient_options *o)
{
    mt_refclient_ciphers ciphers = {0};
    mt_refclient_split_ciphers(o->ciphers, &ciphers);
    set_text(curl, CURLOPT_SSL_CIPHER_LIST, ciphers.tls12.at);
    set_text(curl, CURLOPT_TLS13_CIPHERS, ciphers.tls13.at);
    set_text(curl, CURLOPT_SSL_EC_CURVES, o->groups);
    set_text(curl, CURLOPT_SSLCERT, o->cert);
    set_text(curl, CURLOPT_SSLKEY, o->key);
    set_text(curl, CURLOPT_CAINFO, o->cacert);
    curl_easy_setopt(curl, CURLOPT_KEYPASSWD, "");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, min_versions[o->min_protocol] | max_versions[o->max_protocol]);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
    curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, o->alpn != NULL ? 1L : 0L);
    mt_ref_text_free(&ciphers.tls12);
    mt_ref_text_free(&ciphers.tls13);
}

static void set_rest(CURL *curl, call *c, char *error)
{
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)c->o->timeout);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); // no proxy of the environment stands between the two peers
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "mtlspec-refclient");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, touch_context);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, c);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
}

static void refuse_own_files(CURLcode rc, const char *error)
{
    if (rc == CURLE_SSL_CERTPROBLEM || rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_SSL_CIPHER || rc == CURLE_URL_MALFORMAT)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: %s", error[0] != '\0' ? error : curl_easy_strerror(rc));
}

static void take_result(CURL *curl, CURLcode rc, mt_refclient_result *r, const char *error)
{
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    r->status = (int)status;
    if (rc != CURLE_OK)
        mt_refclient_fail(r, "libcurl", error[0] != '\0' ? error : curl_easy_strerror(rc));
}

void mt_refclient_libcurl(const mt_refclient_options *o, mt_refclient_result *r)
{
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *connect_to;
    call c = {o, r};
    CURL *curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    if (curl == NULL)
        mt_ref_die(MT_REF_EXIT_MEMORY, "mtlspec-refclient: libcurl does not start");
    set_target(curl, o, &connect_to);
    set_tls(curl, o);
    set_rest(curl, &c, error);
    CURLcode rc = curl_easy_perform(curl);
    refuse_own_files(rc, error);
    take_result(curl, rc, r, error);
    curl_easy_cleanup(curl);
    curl_slist_free_all(connect_to);
    curl_global_cleanup();
}
