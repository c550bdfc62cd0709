/* hetang doctor: what an operator would look at when something is wrong, or before it is. Each
 * finding comes with its cure. Changes nothing, and works where the server does not start. */
#include "app/doctor.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/instance.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "connect/clickhouse/store.h"

void found(struct checkup *c, enum health health, const char *cure, const char *format, ...)
{
    va_list args;
    char text[1500];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    *vec_push(c->arena, &c->findings) =
        (struct finding) { .check = c->check,
                           .health = health,
                           .text = arena_str(c->arena, str_of(text)),
                           .cure = cure ? arena_str(c->arena, str_of(cure)) : STR_NONE };
}

const char *cure(struct checkup *c, const char *format, ...)
{
    va_list args;
    char text[1500];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return arena_str(c->arena, str_of(text)).ptr;
}

static str bytes(struct checkup *c, i64 n)
{
    struct strbuf sb;
    strbuf_init(&sb, c->arena, 64);
    out_bytes(&sb, n);
    return strbuf_str(&sb);
}

static void check_folder(struct checkup *c)
{
    struct stat st;
    const char *data = c->config->data;
    if (stat(data, &st) != 0 || !S_ISDIR(st.st_mode)) {
        found(c, BAD, cure(c, "hetang init --data %s", data), "%s: there is no such folder", data);
        return;
    }
    if (access(data, R_OK | W_OK | X_OK) != 0)
        found(c, BAD, cure(c, "chown -R $(id -un) %s, or run this as its owner", data),
              "%s cannot be written by this user", data);
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        found(c, WARN, cure(c, "chmod 700 %s", data), "others may look into %s (mode %03o)", data,
              (unsigned)st.st_mode & 0777);
    else
        found(c, FINE, NULL, "%s belongs to this user alone", data);
}

/* What holds private data or opens it must be nobody else's to read. */
static void check_files(struct checkup *c)
{
    static const struct {
        const char *name;
        enum health open; /* when others may read it */
    } files[] = {
        { KEY_FILE, BAD },
        { DATABASE_FILE, WARN },
        { DATABASE_FILE "-wal", WARN },
        { "hetang.ini", WARN },
    };
    size_t good = 0, there = 0;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct stat st;
        const char *path = instance_path(c->config, c->arena, files[i].name).ptr;
        if (stat(path, &st) != 0)
            continue;
        there++;
        bool mine = st.st_uid == geteuid() || geteuid() == 0;
        if (st.st_mode & (S_IRWXG | S_IRWXO))
            found(c, files[i].open, cure(c, "chmod 600 %s", path),
                  "%s may be read by others (mode %03o)", path, (unsigned)st.st_mode & 0777);
        else if (!mine)
            found(c, BAD, cure(c, "chown $(id -un) %s", path), "%s belongs to another user", path);
        else
            good++;
    }
    if (there && good == there)
        found(c, FINE, NULL, "%zu files, readable by this user alone", there);
}

static void check_disk(struct checkup *c)
{
    i64 left = disk_left(c->config->data), reserve = c->config->disk_reserve_mb << 20;
    const char *help = cure(c, "make room on the disk of %s, or lower disk_reserve_mb (%lld)",
                            c->config->data, (long long)c->config->disk_reserve_mb);
    if (left < 0)
        return; /* no folder: told already */
    if (left < reserve)
        found(c, BAD, help, "%.*s left: less than the reserve, so nothing is written",
              STR_ARG(bytes(c, left)));
    else if (left < reserve * 4)
        found(c, WARN, help, "%.*s left, writing stops at %.*s", STR_ARG(bytes(c, left)),
              STR_ARG(bytes(c, reserve)));
    else
        found(c, FINE, NULL, "%.*s left", STR_ARG(bytes(c, left)));
}

static void check_settings(struct checkup *c)
{
    bool zone = zone_load(c->config->zone);
    if (!zone)
        found(c, BAD, "apt-get install tzdata, or hetang config set zone Asia/Shanghai",
              "the system knows no time zone %s", c->config->zone);
    if (c->config->test_mode)
        found(c, BAD, "hetang config set test_mode false",
              "test_mode is on: anybody can move the clock");
    if (zone && !c->config->test_mode)
        found(c, FINE, NULL, "all settings make sense");
}

static void check_clock(struct checkup *c)
{
    struct timex t = { 0 };
    struct civil now = civil_of(clock_now());
    if (now.year < 2025) {
        found(c, BAD, "timedatectl set-ntp true", "the clock says %d", now.year);
        return;
    }
    if (adjtimex(&t) == TIME_ERROR || t.status & STA_UNSYNC)
        found(c, WARN, "timedatectl set-ntp true, unless the host sets this machine's clock",
              "the kernel does not know that the clock is right: nothing synchronises it here");
    else
        found(c, FINE, NULL, "%04d-%02d-%02d %02d:%02d in %s, synchronised", now.year, now.month,
              now.day, now.hour, now.minute, c->config->zone);
}

static void check_limits(struct checkup *c)
{
    struct rlimit files;
    i64 needed = c->config->conns_max + FILES_BESIDE;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max == RLIM_INFINITY ||
        (i64)files.rlim_max >= needed)
        found(c, FINE, NULL, "%lld connections may be open", (long long)c->config->conns_max);
    else
        found(c, WARN,
              cure(c, "LimitNOFILE=%lld in the unit, ulimit -n, or a lower conns_max",
                   (long long)needed),
              "conns_max is %lld, but only %lld files may be open", (long long)c->config->conns_max,
              (long long)files.rlim_max);
}

/* The running server's own word, over its socket. */
static bool answers(struct checkup *c)
{
    static const char ask[] =
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    char said[64] = "";
    str path = instance_path(c->config, c->arena, "socket");
    if (path.len >= sizeof sun.sun_path)
        return false;
    memcpy(sun.sun_path, path.ptr, path.len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = { .tv_sec = 5 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    bool ok = fd >= 0 && connect(fd, (void *)&sun, sizeof sun) == 0 &&
              send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL) == (ssize_t)sizeof ask - 1 &&
              recv(fd, said, sizeof said - 1, MSG_WAITALL) > 0 &&
              strncmp(said, "HTTP/1.1 200", 12) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Could the address be listened on? */
static int try_address(str address)
{
    char text[256];
    snprintf(text, sizeof text, "%.*s", STR_ARG(str_trim(address)));
    char *colon = strrchr(text, ':'), *host = text;
    if (!colon)
        return EINVAL;
    *colon = '\0';
    if (host[0] == '[' && colon[-1] == ']') {
        host++;
        colon[-1] = '\0';
    }
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM },
                    *at = NULL;
    if (getaddrinfo(*host && strcmp(host, "*") != 0 ? host : NULL, colon + 1, &hints, &at) != 0)
        return EADDRNOTAVAIL;
    int one = 1, fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), why = 0;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, 1) != 0)
        why = errno;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(at);
    return why;
}

static void check_ports(struct checkup *c)
{
    i64 pid;
    str rest = str_of(c->config->listen);
    if (instance_running(c->config, &pid)) {
        if (answers(c))
            found(c, FINE, NULL, "process %lld serves, and says it is ready", (long long)pid);
        else
            found(c, BAD, "look into its log (journalctl -u hetang); stop and start it",
                  "process %lld has the folder, and does not say that it is ready", (long long)pid);
        return;
    }
    while (rest.len) {
        str one = str_cut(&rest, ',');
        int why = try_address(one);
        const char *help =
            why == EADDRINUSE ? cure(c, "ss -ltnp shows who has it; or hetang config set listen …")
            : why == EACCES   ? "ports below 1024 need CAP_NET_BIND_SERVICE (the unit gives it), "
                                "or listen on a higher one"
                              : "hetang config set listen 127.0.0.1:8080";
        if (why)
            found(c, BAD, help, "cannot listen on %.*s: %s", STR_ARG(one), strerror(why));
        else
            found(c, FINE, NULL, "nobody listens on %.*s; the server is not running", STR_ARG(one));
    }
}

/* Where the facts are, if not here. */
static void check_events(struct checkup *c)
{
    str text;
    if (!*c->config->events)
        found(c, FINE, NULL, "the index of facts is kept by the server itself");
    else if (clickhouse_look(c->arena, c->config->events, &text) == OK)
        found(c, FINE, NULL, "%.*s", STR_ARG(text));
    else
        found(c, BAD,
              "mend the setting events, or that server; what it has not been told is not lost",
              "%.*s", STR_ARG(text));
}

/* In the order in which a cure of one may cure the next. */
static const struct {
    const char *name;
    void (*run)(struct checkup *c);
} checks[] = {
    { "folder", check_folder },     { "files", check_files },       { "disk", check_disk },
    { "settings", check_settings }, { "clock", check_clock },       { "limits", check_limits },
    { "ports", check_ports },       { "tls", check_tls },           { "key", check_key },
    { "database", check_database }, { "contents", check_contents }, { "events", check_events },
};

static void say(const struct invocation *in, const struct checkup *c, enum health worst)
{
    static const char *const words[] = { [FINE] = "ok", [WARN] = "warning", [BAD] = "problem" };
    struct strbuf sb;
    strbuf_init(&sb, c->arena, 1 << 20);
    struct json_writer w = json_writer(&sb);
    json_open(&w, NULL);
    json_put(&w, "health", words[worst]);
    json_list(&w, "findings");
    for (size_t i = 0; i < c->findings.n; i++) {
        const struct finding *f = &c->findings.at[i];
        json_open(&w, NULL);
        json_put(&w, "check", f->check);
        json_put(&w, "health", words[f->health]);
        json_put(&w, "text", f->text);
        json_put(&w, "cure", f->cure);
        json_close(&w);
        if (in->json)
            continue;
        printf("%-8s %-9s %.*s\n", words[f->health], f->check, STR_ARG(f->text));
        if (f->cure.len)
            printf("%-18s cure: %.*s\n", "", STR_ARG(f->cure));
    }
    json_list_end(&w);
    json_close(&w);
    if (in->json)
        printf("%.*s\n", STR_ARG(strbuf_str(&sb)));
}

int run_doctor(struct invocation *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct checkup c = { .config = &in->config, .arena = &a };
    enum health worst = FINE;
    log_threshold(LOG_ERROR);
    for (size_t i = 0; i < COUNT(checks); i++) {
        c.check = checks[i].name;
        checks[i].run(&c);
    }
    for (size_t i = 0; i < c.findings.n; i++)
        worst = MAX(worst, c.findings.at[i].health);
    say(in, &c, worst);
    return worst == BAD ? EXIT_FAILED : EXIT_OK;
}
