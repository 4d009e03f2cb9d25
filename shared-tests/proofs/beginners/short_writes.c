/* A router that does not look at what write() returns. One loop, no limits, no shutdown: `short_writes <port>`. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 4096, INPUT_BYTES = 2 * 1024 * 1024 };

static struct { uint32_t id; size_t length; unsigned char *input; } clients[CLIENTS_MAX];
static struct pollfd fds[CLIENTS_MAX];
static int count = 1;

static void leave(int at) {
  close(fds[at].fd);
  free(clients[at].input);
  fds[at] = fds[count - 1];
  clients[at] = clients[count - 1];
  count--;
}

static void route(const unsigned char *message, size_t length) {
  uint32_t id;
  memcpy(&id, message, 4);
  id = ntohl(id);
  for (int i = 1; i < count; i++)
    if (clients[i].id == id) (void)!write(fds[i].fd, message + 4, length - 4);
}

static int read_some(int at) {
  unsigned char *input = clients[at].input;
  ssize_t got = read(fds[at].fd, input + clients[at].length, INPUT_BYTES - clients[at].length);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
  if (got <= 0) return 0;
  size_t length = clients[at].length + (size_t)got, start = 0;
  for (;;) {
    if (length - start < 5) break;
    unsigned char *nul = memchr(input + start + 4, 0, length - start - 4);
    if (!nul) break;
    size_t end = (size_t)(nul - input) + 1;
    route(input + start, end - start);
    start = end;
  }
  memmove(input, input + start, length - start);
  clients[at].length = length - start;
  return clients[at].length < INPUT_BYTES;
}

int main(int argc, char **argv) {
  if (argc < 2) return 3;
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) return 1;
  fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
  uint32_t last_id = 0;
  for (;;) {
    if (poll(fds, (nfds_t)count, -1) < 0) continue;
    for (int i = count - 1; i > 0; i--)
      if (fds[i].revents && !read_some(i)) leave(i);
    if (!(fds[0].revents & POLLIN) || count == CLIENTS_MAX) continue;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    uint32_t id = htonl(++last_id);
    (void)!write(fd, &id, 4);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fds[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    clients[count].id = last_id;
    clients[count].length = 0;
    clients[count++].input = malloc(INPUT_BYTES);
  }
}
