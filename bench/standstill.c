/*
 * How long a CPU did nothing for the highest real-time priority: `standstill CPU`. What holds that up is the machine – a hypervisor that
 * runs something else, a kernel that lets nobody in – and no program on it. Prints each time that is longer than a ms, in ms.
 * In C, since a thread of this priority that spins takes the CPU from everybody; the limit ends it if it ever does.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define TICK_NS 1000000
#define LIMIT_US 100000

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  struct sched_param priority = {.sched_priority = 99};
  struct rlimit limit = {LIMIT_US, LIMIT_US};
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(argc > 1 ? atoi(argv[1]) : 0, &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) != 0 || setrlimit(RLIMIT_RTTIME, &limit) != 0 ||
      sched_setscheduler(0, SCHED_FIFO, &priority) != 0) {
    perror("standstill");
    return 1;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (double before = now_ms();;) {
    struct timespec tick = {0, TICK_NS};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &tick, NULL);
    double now = now_ms();
    double late = now - before - TICK_NS / 1e6;
    if (late > 1) printf("%.1f\n", late);
    before = now;
  }
}
