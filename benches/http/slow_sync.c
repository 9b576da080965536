// Makes a disk slow: loaded before the C library, it adds SYNC_DELAY_US microseconds to each sync.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void delay(void) {
    long microseconds = atol(getenv("SYNC_DELAY_US"));
    nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
}

int fsync(int fd) {
    delay();
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    delay();
    return REAL(fdatasync)(fd);
}
