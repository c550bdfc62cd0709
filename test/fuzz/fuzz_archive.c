/* Any bytes as a backup's files: unpacked into a folder, nothing outside of it, no more than there
 * is. The bytes are packed here, or nothing but the checksum of gzip would be tried; those that
 * begin with the mark of gzip are taken as they are. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "app/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/hetang-fuzz-XXXXXX";

static void clean(void)
{
    rmdir(folder);
}

static void put(const char *path, const uint8_t *data, size_t size)
{
    if (size > 2 && data[0] == 0x1f && data[1] == 0x8b) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        close(fd);
        return;
    }
    gzFile gz = gzopen(path, "wb1");
    assert(gz && (!size || gzwrite(gz, data, (unsigned)size) == (int)size));
    gzclose(gz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool made;
    char path[100], file[200];
    struct archive_file files[ARCHIVE_FILES_MAX];
    size_t count = 0;
    const char *why = NULL;
    if (!made && !mkdtemp(folder))
        abort();
    if (!made)
        atexit(clean);
    made = true;
    snprintf(path, sizeof path, "%s.gz", folder);
    put(path, data, size);
    enum err e = archive_extract(path, folder, backup_files, NULL, files, &count, &why);
    assert(e == OK ? count <= ARCHIVE_FILES_MAX : why && *why);
    for (size_t i = 0; backup_files[i]; i++) {
        struct stat st;
        snprintf(file, sizeof file, "%s/%s", folder, backup_files[i]);
        for (size_t k = 0; e == OK && k < count; k++)
            if (strcmp(files[k].name, backup_files[i]) == 0)
                assert(stat(file, &st) == 0 && st.st_size == files[k].bytes);
        unlink(file);
    }
    unlink(path);
    return 0;
}
