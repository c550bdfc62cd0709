/* hetang.ini written: see config.h. */
#include "core/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)

static const char *reason(const char *format, ...) PRINTF(1, 2);
static const char *reason(const char *format, ...)
{
    static _Thread_local char text[5000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

/* What a line of the file would not give back as it was: its reader ends a value at a line's end or
 * a comment, and trims it. */
static bool writable(str value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < ' ' ||
            (value.ptr[i] == ';' && (i == 0 || value.ptr[i - 1] == ' ')))
            return false;
    return value.len < 4000 && str_eq(str_trim(value), value);
}

static bool names(str line, str name)
{
    str rest = line, key = str_trim(str_cut(&rest, '='));
    if (key.len == line.len || key.len != name.len)
        return false;
    for (size_t i = 0; i < key.len; i++)
        if ((key.ptr[i] == '-' ? '_' : key.ptr[i]) != (name.ptr[i] == '-' ? '_' : name.ptr[i]))
            return false;
    return true;
}

static enum err read_lines(const char *path, struct arena *a, str *ret, const char **ret_reason)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *ret = S("");
    if (fd < 0 && errno == ENOENT)
        return OK;
    char *text = arena_alloc(a, FILE_MAX);
    ssize_t len = fd < 0 ? -1 : read(fd, text, FILE_MAX);
    int why = len == (ssize_t)FILE_MAX ? EFBIG : errno;
    if (fd >= 0)
        close(fd);
    if (len < 0 || len == (ssize_t)FILE_MAX) {
        *ret_reason = reason("cannot read %s: %s", path, strerror(why));
        return ERR_FILE;
    }
    *ret = (str) { text, (size_t)len };
    return OK;
}

/* The last line of the name counts for the reader: it is replaced, earlier ones are left out. */
static void out_lines(struct strbuf *sb, str text, str name, str value)
{
    bool done = !value.ptr;
    while (text.len) {
        str line = str_cut(&text, '\n');
        if (names(line, name)) {
            if (!done)
                out_fmt(sb, "%.*s = %.*s\n", STR_ARG(name), STR_ARG(value));
            done = true;
            continue;
        }
        out(sb, line);
        out_c(sb, '\n');
    }
    if (!done)
        out_fmt(sb, "%.*s = %.*s\n", STR_ARG(name), STR_ARG(value));
}

/* Of two who change one setting each at the same time, none may lose: the folder is locked from the
 * reading of the old file until the new one stands, against other threads and other processes. */
static enum err lock(const char *folder, struct config_draft *ret, const char **ret_reason)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    *ret = (struct config_draft) { .folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    if (ret->folder < 0 || flock(ret->folder, LOCK_EX) != 0) {
        *ret_reason = reason("cannot write in %s: %s", folder, strerror(errno));
        config_draft_done(ret);
        return ERR_FILE;
    }
    ret->path = xstrdup(arena_fmt(&a, "%s/hetang.ini", folder));
    ret->fresh = xstrdup(arena_fmt(&a, "%s/hetang.ini.new", folder));
    return OK;
}

static enum err write_fresh(struct config_draft *d, str name, str value, const char **ret_reason)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    str before;
    TRY(read_lines(d->path, &a, &before, ret_reason));
    strbuf_init(&sb, &a, 2 * FILE_MAX);
    out_lines(&sb, before, name, value);
    unlink(d->fresh);
    int fd = open(d->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, sb.ptr, sb.len) == (ssize_t)sb.len && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (ok)
        return OK;
    *ret_reason = reason("cannot write %s: %s", d->path, strerror(why));
    return ERR_FILE;
}

enum err config_draft(const char *folder, str name, str value, struct config_draft *ret,
                      const char **ret_reason)
{
    struct config_draft d;
    if (!writable(value)) {
        *ret_reason = "a value in hetang.ini is one line without ; and without spaces around it";
        return ERR_CONFIG;
    }
    TRY(lock(folder, &d, ret_reason));
    enum err e = write_fresh(&d, name, value, ret_reason);
    if (e == OK)
        *ret = d;
    else
        config_draft_done(&d);
    return e;
}

enum err config_publish(struct config_draft *d, const char **ret_reason)
{
    enum err e = OK;
    if (rename(d->fresh, d->path) != 0) {
        *ret_reason = reason("cannot write %s: %s", d->path, strerror(errno));
        e = ERR_FILE;
    } else
        fsync(d->folder); /* the file stands either way; this makes its name outlive a power cut */
    config_draft_done(d);
    return e;
}

void config_draft_done(struct config_draft *d)
{
    if (d->folder < 0)
        return;
    if (d->fresh)
        unlink(d->fresh); /* there is none when it was published */
    close(d->folder);
    free(d->path);
    free(d->fresh);
    *d = (struct config_draft) { .folder = -1 };
}

enum err config_write(const char *folder, str name, str value, const char **ret_reason)
{
    struct config_draft d;
    TRY(config_draft(folder, name, value, &d, ret_reason));
    return config_publish(&d, ret_reason);
}
