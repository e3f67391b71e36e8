/*
 * Newcomers: so many connections a second to a web server, each from one of many addresses, that ask for a page and stay for a time.
 * A client for the lab's emulated machine, which can do with few instructions.
 *
 *     newcomers HOST PORT RATE COUNT STAY_MS       STAY_MS 0: for ever
 *
 * Writes {"failed":"refused","at":MS} for each that fails, MS since 1970, and {"servers":{"rs1":N,…},"ms":N} when all were answered.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536, ADDRESSES = 250, DEADLINE_MS = 20000, NAMES = 8 };
static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n";

/* By number of arrival: those that are to be looked at in their order are two queues of numbers. */
static struct visit { int fd; double until; int asked, answered, ended; } *visits;
static struct { char name[16]; long count; } servers[NAMES];
static int epoll, came, pending;

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void end(struct visit *visit) {
  visit->ended = 1;
  close(visit->fd);
}

static void fail(struct visit *visit, const char *why) {
  printf("{\"failed\":\"%s\",\"at\":%.0f}\n", why, now(CLOCK_REALTIME));
  fflush(stdout);
  if (!visit->answered) pending--;
  visit->answered = 1;
  end(visit);
}

static const char *reason(int error) {
  switch (error) {
    case ECONNREFUSED: return "refused";
    case ECONNRESET: case EPIPE: return "reset";
    case ETIMEDOUT: return "timeout";
    default: return strerror(error);
  }
}

static void begin(const struct sockaddr_in *to) {
  struct visit *visit = &visits[came];
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a090001 + came % ADDRESSES)};
  struct epoll_event event = {.events = EPOLLOUT | EPOLLIN | EPOLLET, .data.u32 = came};
  int on = 1;
  visit->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  visit->until = now(CLOCK_MONOTONIC) + DEADLINE_MS;
  came++, pending++;
  setsockopt(visit->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (visit->fd < 0 || bind(visit->fd, (void *)&from, sizeof from) < 0 ||
      (connect(visit->fd, (void *)to, sizeof *to) < 0 && errno != EINPROGRESS))
    return fail(visit, reason(errno));
  epoll_ctl(epoll, EPOLL_CTL_ADD, visit->fd, &event);
}

/* Counts for the server that the page names. */
static int count(const char *page) {
  const char *name = strstr(page, "X-Server: ");
  if (name == NULL) return 0;
  name += 10;
  for (int i = 0; i < NAMES; i++) {
    if (servers[i].count == 0) memcpy(servers[i].name, name, strcspn(name, "\r"));
    if (strncmp(servers[i].name, name, strlen(servers[i].name)) != 0) continue;
    servers[i].count++;
    return 1;
  }
  return 0;
}

static void go_on(struct visit *visit, int stay_ms) {
  char page[1024];
  int error = 0;
  socklen_t length = sizeof error;
  if (visit->ended) return;
  getsockopt(visit->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return fail(visit, reason(error));
  if (!visit->asked) visit->asked = send(visit->fd, REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) > 0;
  ssize_t got = recv(visit->fd, page, sizeof page - 1, 0);
  if (got < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
  if (got <= 0) {
    /* A server that dies takes leave of those it has. */
    if (visit->answered) return end(visit);
    return fail(visit, got == 0 ? "closed" : reason(errno));
  }
  page[got] = 0;
  if (visit->answered) return;
  if (!count(page)) return fail(visit, "garbled");
  visit->answered = 1;
  pending--;
  visit->until = stay_ms == 0 ? 1e300 : now(CLOCK_MONOTONIC) + stay_ms;
}

/* The clock's work: who has stayed, or waited, long enough. `first` is the first that may not have ended. */
static int part(int first) {
  double at = now(CLOCK_MONOTONIC);
  for (int i = first; i < came; i++) {
    struct visit *visit = &visits[i];
    if (visit->ended || visit->until > at) continue;
    if (visit->answered) end(visit);
    else fail(visit, "timeout");
  }
  while (first < came && visits[first].ended) first++;
  return first;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &to.sin_addr);
  double rate = atof(argv[3]);
  int total = atoi(argv[4]), stay_ms = atoi(argv[5]), first = 0;
  struct rlimit files = {MOST, MOST};
  struct epoll_event events[256];
  setrlimit(RLIMIT_NOFILE, &files);
  visits = calloc(total, sizeof *visits);
  epoll = epoll_create1(0);
  double began = now(CLOCK_MONOTONIC), last = 0;
  while (came < total || pending > 0) {
    double passed = now(CLOCK_MONOTONIC) - began;
    while (came < total && came < passed / 1e3 * rate + 1) begin(&to);
    if (came == total && last == 0) last = passed;
    int ready = epoll_wait(epoll, events, 256, 2);
    for (int i = 0; i < ready; i++) go_on(&visits[events[i].data.u32], stay_ms);
    first = part(first);
  }
  printf("{\"servers\":{");
  for (int i = 0; i < NAMES && servers[i].count > 0; i++)
    printf("%s\"%s\":%ld", i ? "," : "", servers[i].name, servers[i].count);
  printf("},\"ms\":%.0f}\n", last);
  fflush(stdout);
  /* Those that stay for ever do, until they are ended. */
  while (stay_ms == 0) pause();
  return 0;
}
