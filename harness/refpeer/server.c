// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "refpeer/server.h"

enum { SLOTS = 128 };
_Static_assert(SLOTS <= 256, "a thread reports the number of its slot in one byte");

/* A connection under way. The thread writes its slot's number to `done_fd` as the last thing it does. */
typedef struct slot {
    pthread_t thread;
    bool busy;
    unsigned char number;
    int fd, done_fd;
    const mt_refserver *server;
} slot;

typedef struct desk {
    slot slots[SLOTS];
    size_t busy;
    int done_fds[2];
} desk;

#define FIELD(member) offsetof(mt_refserver_options, member)
static const mt_ref_option options[] = {
    {"listen", "ADDR:PORT", MT_REF_TEXT, FIELD(listen)},
    {"cert", "FILE", MT_REF_LIST, FIELD(cert)},
    {"key", "FILE", MT_REF_LIST, FIELD(key)},
    {"ca", "FILE", MT_REF_LIST, FIELD(ca)},
    {"ca-names", "FILE|none", MT_REF_TEXT, FIELD(ca_names)},
    {"policy", "required|optional|request|none", MT_REF_CHOICE, FIELD(policy)},
    {"min-protocol", "tls1.2|tls1.3", MT_REF_CHOICE, FIELD(min_protocol)},
    {"max-protocol", "tls1.2|tls1.3", MT_REF_CHOICE, FIELD(max_protocol)},
    {"alpn", "NAME", MT_REF_TEXT, FIELD(alpn)},
    {"refuse-over", "handshake|http", MT_REF_CHOICE, FIELD(refuse_over)},
    {"verify-depth", "N", MT_REF_NUMBER, FIELD(verify_depth)},
    {"tickets", "", MT_REF_FLAG, FIELD(tickets)},
    {"fault", "NAME", MT_REF_LIST, FIELD(fault)},
    {"list-faults", "", MT_REF_FLAG, FIELD(list_faults)},
    {"max-connections", "N", MT_REF_NUMBER, FIELD(max_connections)},
    {"ready-fd", "N", MT_REF_NUMBER, FIELD(ready_fd)},
};

static volatile sig_atomic_t stop_write_fd = -1;

/* The byte is never read, so that every thread that waits sees it. */
static void ask_to_stop(int number)
{
    (void)number;
    int saved = errno;
    ssize_t n = write(stop_write_fd, "", 1);
    (void)n;
    errno = saved;
}

static void make_pipe(int fds[2])
{
    if (pipe(fds) != 0 || fcntl(fds[0], F_SETFD, FD_CLOEXEC) != 0 || fcntl(fds[1], F_SETFD, FD_CLOEXEC) != 0)
        mt_ref_die(MT_REF_EXIT_MEMORY, "mtlspec-refserver: no pipe: %s", strerror(errno));
}

static int watch_signals(void)
{
    int fds[2];
    make_pipe(fds);
    if (!mt_ref_nonblocking(fds[1]))
        mt_ref_die(MT_REF_EXIT_MEMORY, "mtlspec-refserver: no pipe: %s", strerror(errno));
    stop_write_fd = fds[1];
    struct sigaction stop = {.sa_handler = ask_to_stop}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    return fds[0];
}

static int open_listener(const char *where, struct addrinfo *found)
{
    static const int on = 1;
    int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0 || !mt_ref_nonblocking(fd))
        mt_ref_die(MT_REF_EXIT_NETWORK, "mtlspec-refserver: cannot listen on %s: %s", where, strerror(errno));
    return fd;
}

static int listen_on(const char *where)
{
    mt_ref_address address;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV}, *found;
    if (!mt_ref_split_address(where, &address) || getaddrinfo(address.host, address.port, &hints, &found) != 0)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refserver: --listen wants ADDR:PORT with a numeric address, not '%s'", where);
    int fd = open_listener(where, found);
    freeaddrinfo(found);
    return fd;
}

static void say_ready(int listener, int ready_fd)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    char host[64], port[8], line[96];
    if (getsockname(listener, (struct sockaddr *)&bound, &len) != 0 ||
        getnameinfo((struct sockaddr *)&bound, len, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        mt_ref_die(MT_REF_EXIT_NETWORK, "mtlspec-refserver: cannot tell its own address");
    bool v6 = strchr(host, ':') != NULL;
    int n = snprintf(line, sizeof line, "ready %s%s%s:%s\n", v6 ? "[" : "", host, v6 ? "]" : "", port);
    fputs(line, stdout);
    fflush(stdout);
    if (ready_fd >= 0 && write(ready_fd, line, (size_t)n) != n)
        mt_ref_die(MT_REF_EXIT_NETWORK, "mtlspec-refserver: --ready-fd %d: %s", ready_fd, strerror(errno));
}

static void *serve_slot(void *arg)
{
    slot *s = arg;
    mt_refserver_serve(s->server, s->fd);
    OPENSSL_thread_stop();
    ssize_t n = write(s->done_fd, &s->number, 1);
    (void)n;
    return NULL;
}

static void seat(desk *d, const mt_refserver *server, int fd)
{
    static const int on = 1;
    size_t i = 0;
    while (d->slots[i].busy)
        i++;
    slot *s = &d->slots[i];
    *s = (slot){.busy = true, .number = (unsigned char)i, .fd = fd, .done_fd = d->done_fds[1], .server = server};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!mt_ref_nonblocking(fd) || pthread_create(&s->thread, NULL, serve_slot, s) != 0) {
        s->busy = false;
        close(fd);
        return;
    }
    d->busy++;
}

/* Waits for a thread that is done; one is known to be busy. */
static void clear_one(desk *d)
{
    unsigned char number;
    ssize_t n = read(d->done_fds[0], &number, 1);
    if (n != 1)
        return;
    pthread_join(d->slots[number].thread, NULL);
    d->slots[number].busy = false;
    d->busy--;
}

/* Accepts until the program is asked to stop, or `most` connections (0: no bound) have come. */
static void accept_all(desk *d, const mt_refserver *server, int listener, int most)
{
    struct pollfd fds[] = {{.fd = server->stop_fd, .events = POLLIN}, {.fd = d->done_fds[0], .events = POLLIN}, {.events = POLLIN}};
    int accepted = 0;
    while (fds[0].revents == 0 && (most == 0 || accepted < most)) {
        fds[2].fd = d->busy < SLOTS ? listener : -1; // at the bound, the kernel's queue holds the rest
        if (poll(fds, MT_REF_COUNT(fds), -1) < 0)
            continue;
        if (fds[1].revents != 0)
            clear_one(d);
        if (fds[2].revents == 0)
            continue;
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0) {
            accepted++;
            seat(d, server, fd);
        }
    }
}

static void run(const mt_refserver_options *o, mt_refserver *server)
{
    static desk d;
    server->stop_fd = watch_signals();
    make_pipe(d.done_fds);
    int listener = listen_on(o->listen);
    say_ready(listener, o->ready_fd);
    accept_all(&d, server, listener, o->max_connections);
    close(listener);
    while (d.busy > 0)
        clear_one(&d);
}

static mt_refserver_policy policy_in_force(const mt_refserver_options *o, uint64_t faults)
{
    bool skips = (faults & mt_refserver_bit(MT_FAULT_SKIP_CERTIFICATE_REQUEST)) != 0;
    return skips ? MT_POLICY_NONE : (mt_refserver_policy)o->policy;
}

static void check_options(const mt_refserver_options *o)
{
    if (o->ca.len == 0 && (o->policy == MT_POLICY_REQUIRED || o->policy == MT_POLICY_OPTIONAL))
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refserver: this policy wants --ca FILE to judge client certificates by");
    if (o->min_protocol > o->max_protocol)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refserver: --min-protocol is above --max-protocol");
    if (o->alpn != NULL && (o->alpn[0] == '\0' || strlen(o->alpn) > 255))
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refserver: --alpn wants a name of 1 to 255 bytes");
}

static void list_faults(void)
{
    for (size_t i = 0; i < MT_FAULTS; i++)
        printf("%s\t%s\n", mt_refserver_faults[i].name, mt_refserver_faults[i].what);
}

int main(int argc, char **argv)
{
    (void)argc;
    static const mt_ref_program program = {"mtlspec-refserver", options, MT_REF_COUNT(options)};
    mt_refserver_options o = {.listen = "127.0.0.1:0", .max_protocol = 1, .verify_depth = 100, .ready_fd = -1};
    mt_ref_read_options(&program, argv, &o);
    if (o.list_faults) {
        list_faults();
        return 0;
    }
    check_options(&o);
    uint64_t faults = mt_refserver_fault_set(&o.fault);
    mt_refserver server = {.faults = faults, .policy = policy_in_force(&o, faults), .alpn = o.alpn};
    server.refuses_over_http = o.refuse_over == 1;
    server.wants_certificate =
        (server.policy == MT_POLICY_REQUIRED && !mt_refserver_has(&server, MT_FAULT_ACCEPT_MISSING_CERTIFICATE)) ||
        (server.policy == MT_POLICY_OPTIONAL && mt_refserver_has(&server, MT_FAULT_REFUSE_MISSING_CERTIFICATE));
    server.tls = mt_refserver_tls_new(&o, &server);
    run(&o, &server);
    SSL_CTX_free(server.tls);
    return 0;
}
