/* Loaded into a program, makes every fsync and fdatasync take SLOW_SYNC_US microseconds longer: an ordinary disk on a
   machine whose disk only says that it has written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int file) {
  const char *more = getenv("SLOW_SYNC_US");
  long wait = more ? atol(more) * 1000 : 0;
  struct timespec time = {wait / 1000000000, wait % 1000000000};
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  nanosleep(&time, NULL);
  return real(file);
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
