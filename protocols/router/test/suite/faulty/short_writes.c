/* A server on poll() that takes every write for a whole one: short_writes <port>. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 1024, MESSAGE_MAX = 1100000 };

struct client {
  uint32_t id;
  unsigned char *input;
  size_t held;
};

static struct pollfd polled[CLIENTS_MAX + 1];
static struct client clients[CLIENTS_MAX + 1];
static int count = 1;

static void forget(int place) {
  close(polled[place].fd);
  free(clients[place].input);
  count--;
  polled[place] = polled[count];
  clients[place] = clients[count];
}

static void route(const unsigned char *message, size_t length) {
  uint32_t id;
  memcpy(&id, message, sizeof id);
  for (int i = 1; i < count; i++) {
    if (clients[i].id != ntohl(id)) continue;
    ssize_t written = write(polled[i].fd, message + 4, length - 4);
    (void)written; /* The fault. */
    return;
  }
}

/* Answers 0 at the end. */
static int receive(int place) {
  struct client *client = &clients[place];
  ssize_t got = read(polled[place].fd, client->input + client->held, MESSAGE_MAX - client->held);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return 0;
  client->held += (size_t)got;
  size_t from = 0;
  while (client->held - from > 4) {
    unsigned char *nul = memchr(client->input + from + 4, 0, client->held - from - 4);
    if (!nul) break;
    size_t length = (size_t)(nul - (client->input + from)) + 1;
    route(client->input + from, length);
    from += length;
  }
  memmove(client->input, client->input + from, client->held - from);
  client->held -= from;
  return client->held < MESSAGE_MAX;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "7000"))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 511)) return 1;
  polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
  uint32_t last = 0;
  for (;;) {
    poll(polled, (nfds_t)count, -1);
    for (int i = count - 1; i > 0; i--) {
      if (polled[i].revents && !receive(i)) forget(i);
    }
    if (!polled[0].revents || count > CLIENTS_MAX) continue;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    uint32_t id = htonl(++last);
    if (write(fd, &id, sizeof id) != sizeof id) continue;
    polled[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    clients[count++] = (struct client){.id = last, .input = malloc(MESSAGE_MAX)};
  }
}
