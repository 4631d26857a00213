/* Preloaded into redis-server: notes how much of each append-only file the last fsync made safe.
 *
 * The file named by LAST_FSYNC_NOTES is mapped and shared, so that it outlives a SIGKILL: what lies
 * in a file after the bytes noted for its inode would be lost with the power. While `held` is set
 * an fsync of such a file does not come back, as on a disk that has stopped: `waiting` then says
 * that something is written and not safe. bench/faultbench/power.py reads and sets all of it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES 1023

static struct notes {
    uint32_t held, waiting;
    uint64_t spare;
    struct { uint64_t inode, bytes; } files[FILES];
} *notes;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("LAST_FSYNC_NOTES");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) notes = mapped;
}

static int is_append_only(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, ".aof") != NULL;
}

static void note(uint64_t inode, uint64_t bytes) {
    for (int n = 0; n < FILES; n++) {
        uint64_t unused = 0;
        __atomic_compare_exchange_n(&notes->files[n].inode, &unused, inode, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST);
        if (notes->files[n].inode == inode) {
            __atomic_store_n(&notes->files[n].bytes, bytes, __ATOMIC_SEQ_CST);
            return;
        }
    }
}

static int sync_file(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    struct stat before;
    if (!notes || !is_append_only(fd) || fstat(fd, &before) < 0) return real(fd);
    while (__atomic_load_n(&notes->held, __ATOMIC_SEQ_CST)) {
        __atomic_store_n(&notes->waiting, 1, __ATOMIC_SEQ_CST);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    int result = real(fd);
    if (result == 0) note(before.st_ino, before.st_size);
    return result;
}

int fsync(int fd) { return sync_file("fsync", fd); }
int fdatasync(int fd) { return sync_file("fdatasync", fd); }
