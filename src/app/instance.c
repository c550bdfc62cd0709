#include "app/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *reason(const char *format, ...) PRINTF(1, 2);
static const char *reason(const char *format, ...)
{
    static _Thread_local char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

str instance_path(const struct config *c, struct arena *a, const char *name)
{
    return arena_fmt(a, "%s/%s", c->data, name);
}

bool instance_on_pg(const struct config *c)
{
    return c->db[0] != '\0';
}

enum err instance_db(const struct config *c, struct db **ret, const char **ret_reason)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    const char *file = instance_path(c, &a, DATABASE_FILE).ptr;
    struct db_options options = { .url = instance_on_pg(c) ? c->db : file, .conns_max = 4 };
    if (!instance_on_pg(c) && access(file, F_OK) != 0) {
        *ret_reason = reason("there is no instance in %s", c->data);
        return ERR_CONFIG;
    }
    return db_open(&options, ret, ret_reason);
}

bool instance_running(const struct config *c, i64 *ret_pid)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    char pid[32] = "";
    i64 n = 0;
    int fd = open(instance_path(c, &a, "lock").ptr, O_RDONLY | O_CLOEXEC);
    bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (held && (read(fd, pid, sizeof pid - 1) <= 0 || !str_to_i64(str_of(pid), &n)))
        n = 0;
    if (fd >= 0)
        close(fd);
    if (ret_pid)
        *ret_pid = n;
    return held;
}

enum err instance_lock(const struct config *c, int *ret_fd, const char **ret_reason)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    i64 pid = 0;
    int fd = open(instance_path(c, &a, "lock").ptr, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        *ret_reason = reason("cannot write in the data folder %s: %s", c->data, strerror(errno));
        return ERR_FILE;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        instance_running(c, &pid);
        *ret_reason = reason("stop the server (process %lld) first", (long long)pid);
        return ERR_CONFIG;
    }
    *ret_fd = fd;
    return OK;
}

i64 disk_left(const char *path)
{
    struct statvfs fs;
    return statvfs(path, &fs) == 0 ? (i64)fs.f_bavail * (i64)fs.f_frsize : -1;
}

void out_bytes(struct strbuf *sb, i64 bytes)
{
    static const char *const units[] = { "bytes", "KB", "MB", "GB", "TB" };
    double n = (double)bytes;
    size_t unit = 0;
    while (n >= 1024 && unit + 1 < COUNT(units)) {
        n /= 1024;
        unit++;
    }
    out_fmt(sb, unit && n < 100 ? "%.1f %s" : "%.0f %s", n, units[unit]);
}
