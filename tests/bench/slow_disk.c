/* A disk that takes longer: each fdatasync and fsync of the program comes back VEKHA_SLOW_DISK_NS nanoseconds later. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int later(const char *name, int file) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *longer = getenv("VEKHA_SLOW_DISK_NS");
  struct timespec wait = {0, longer ? atol(longer) : 0};
  int done = real(file);
  nanosleep(&wait, NULL);
  return done;
}

int fdatasync(int file) { return later("fdatasync", file); }

int fsync(int file) { return later("fsync", file); }
