/* hetang.ini written: see config.h. */
#include "core/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
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
    bool done = false;
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

enum err config_write(const char *folder, str name, str value, const char **ret_reason)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct strbuf sb;
    str before;
    const char *path = arena_fmt(&a, "%s/hetang.ini", folder).ptr,
               *fresh = arena_fmt(&a, "%s/hetang.ini.new", folder).ptr;
    if (!writable(value)) {
        *ret_reason = "a value in hetang.ini is one line without ; and without spaces around it";
        return ERR_CONFIG;
    }
    TRY(read_lines(path, &a, &before, ret_reason));
    strbuf_init(&sb, &a, 2 * FILE_MAX);
    out_lines(&sb, before, name, value);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, sb.ptr, sb.len) == (ssize_t)sb.len && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (ok && rename(fresh, path) == 0)
        return OK;
    *ret_reason = reason("cannot write %s: %s", path, strerror(ok ? errno : why));
    unlink(fresh);
    return ERR_FILE;
}
