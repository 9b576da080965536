// Makes a disk fail on command: loaded before the C library, it fails what it is told to.
//
// A file in the folder that SHIM_FAULTS names is a fault; its text is how the path of the files
// ends that it strikes:
//   sync       every sync fails with EIO
//   sync-once  one sync fails with EIO, and the next ones pretend that all is well, as Linux does
//   full       every write fails with ENOSPC
//   full-once  one write fails with ENOSPC
//
// But for `kill`, whose text is a number: the process is killed before it changes a file for that
// time, counted from when the fault was there. And for `mute`, whatever its text: the process is
// killed before it sends anything.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int strikes(const char *fault, int fd) {
    const char *folder = getenv("SHIM_FAULTS");
    char file[4096], link[64], target[4096], end[256];
    int saved = errno, hit = 0;
    snprintf(file, sizeof file, "%s/%s", folder ? folder : "", fault);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int opened = open(file, O_RDONLY | O_CLOEXEC);
    if (opened >= 0) {
        ssize_t length = read(opened, end, sizeof end);
        ssize_t whole = readlink(link, target, sizeof target);
        close(opened);
        hit = length > 0 && whole >= length &&
              memcmp(target + whole - length, end, (size_t)length) == 0;
    }
    if (hit && strstr(fault, "-once")) {
        hit = remove(file) == 0;
    }
    errno = saved;
    return hit;
}

// A file is about to be changed: `fd`, or -1 for one that is named.
static void change(int fd) {
    static int changes;
    const char *folder = getenv("SHIM_FAULTS");
    char file[4096], number[16] = "";
    struct stat about;
    int saved = errno;
    snprintf(file, sizeof file, "%s/kill", folder ? folder : "");
    int opened = open(file, O_RDONLY | O_CLOEXEC);
    if (opened >= 0) {
        ssize_t length = read(opened, number, sizeof number - 1);
        close(opened);
        int counts = length > 0 && (fd < 0 || (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)));
        if (counts && __atomic_add_fetch(&changes, 1, __ATOMIC_SEQ_CST) == atoi(number)) {
            kill(getpid(), SIGKILL);
            pause();
        }
    }
    errno = saved;
}

// Something is about to be sent.
static void answer(void) {
    const char *folder = getenv("SHIM_FAULTS");
    char file[4096];
    int saved = errno;
    snprintf(file, sizeof file, "%s/mute", folder ? folder : "");
    if (access(file, F_OK) == 0) {
        kill(getpid(), SIGKILL);
        pause();
    }
    errno = saved;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL(code) do { errno = code; return -1; } while (0)

int fsync(int fd) {
    change(fd);
    if (strikes("sync-once", fd) || strikes("sync", fd)) FAIL(EIO);
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    change(fd);
    if (strikes("sync-once", fd) || strikes("sync", fd)) FAIL(EIO);
    return REAL(fdatasync)(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    change(fd);
    if (strikes("full-once", fd) || strikes("full", fd)) FAIL(ENOSPC);
    return REAL(pwrite)(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    change(fd);
    if (strikes("full-once", fd) || strikes("full", fd)) FAIL(ENOSPC);
    return REAL(pwrite64)(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    change(fd);
    if (strikes("full-once", fd) || strikes("full", fd)) FAIL(ENOSPC);
    return REAL(write)(fd, bytes, count);
}

int ftruncate64(int fd, off64_t length) {
    change(fd);
    return REAL(ftruncate64)(fd, length);
}

int rename(const char *from, const char *to) {
    change(-1);
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    change(-1);
    return REAL(unlink)(path);
}

ssize_t send(int fd, const void *bytes, size_t count, int flags) {
    answer();
    return REAL(send)(fd, bytes, count, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    answer();
    return REAL(writev)(fd, parts, count);
}
