/*
 * The router in C: one thread, and a loop around poll().
 *
 *     make && ./server [port]        or the environment variable SWITCHYARD_PORT; default 7000
 *
 * It keeps sections 1 to 5 of docs/protocol.md. Limits are environment variables, such as SWITCHYARD_MESSAGE_BYTES_MAX.
 *
 * Idea   Nothing waits but the loop. Each turn asks which sockets are ready, reads once from each, routes what is whole,
 *        and writes as much as the system takes; the rest stays in a queue for each client until its socket is writable.
 * Read   from main up: the loop is last.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, ID_BYTES = 4, NEVER = -1 };

/* Section 5. Bytes and milliseconds, as the names end. */
static struct {
    long long message_bytes_max, connections_max, ids_max, write_deadline_ms;
    long long queued_bytes_max, linger_ms, grace_ms, held_bytes_max;
} limits = {1 << 20, 65535, 2147483647, 10000, 1 << 20, 1000, 5000, 256 << 20};

/* Bytes that come at the end and go at the front. */
typedef struct {
    unsigned char *data;
    size_t start, length, capacity;
} Buffer;

/* One client, from its accept until the end of the turn in which its socket was closed. */
typedef struct {
    int fd; /* -1 once it is closed */
    uint32_t id;
    bool open; /* false once its FIN was read, or we have begun to close: no message is for it any more */
    bool got_fin, sent_fin;
    bool dirty;         /* write to it before this turn ends */
    Buffer input;       /* an unfinished message: whole ones are routed as soon as they are read */
    size_t searched;    /* so many bytes of the input hold no NUL that could end a message */
    Buffer queue;       /* what it has not been sent yet */
    Buffer waits_for;   /* ids of those whose queues it has filled: it is not read from until all have room (R5.4) */
    long long deadline; /* when it is aborted: its writes stand still (R5.3), or it does not close (R5.5) */
} Connection;

/* Ids count upwards, so this list is in their order. */
static Connection **connections;
static size_t connection_count, connection_capacity;

static uint32_t last_id;
static size_t input_bytes, queued_bytes; /* held in all unfinished messages, and in all queues */
static int listener, wakeup[2];
static bool accepting = true, stopping;
static long long quarter = NEVER, grace = NEVER; /* when stalled clients, and when all, are aborted in a shutdown */

/* Memory and time ------------------------------------------------------------------------------------------------- */

static void *grown(void *data, size_t bytes) {
    data = realloc(data, bytes);
    if (data) return data;
    fprintf(stderr, "out of memory\n");
    exit(1);
}

static unsigned char *front(const Buffer *buffer) { return buffer->data + buffer->start; }

static void append(Buffer *buffer, const void *bytes, size_t length) {
    if (buffer->start > 0 && buffer->start + buffer->length + length > buffer->capacity) {
        memmove(buffer->data, front(buffer), buffer->length);
        buffer->start = 0;
    }
    if (buffer->length + length > buffer->capacity) {
        buffer->capacity = 2 * (buffer->length + length);
        buffer->data = grown(buffer->data, buffer->capacity);
    }
    memcpy(front(buffer) + buffer->length, bytes, length);
    buffer->length += length;
}

static void release(Buffer *buffer) {
    free(buffer->data);
    *buffer = (Buffer){0};
}

static void consume(Buffer *buffer, size_t length) {
    buffer->start += length;
    buffer->length -= length;
    if (buffer->length == 0) release(buffer);
}

static long long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Endings --------------------------------------------------------------------------------------------------------- */

/* Frees all that there is of it; the struct itself goes when the turn ends. */
static void forget(Connection *connection) {
    if (connection->fd < 0) return;
    close(connection->fd);
    connection->fd = -1;
    connection->open = false;
    input_bytes -= connection->input.length;
    queued_bytes -= connection->queue.length;
    release(&connection->input);
    release(&connection->queue);
    release(&connection->waits_for);
    accepting = true; /* there is a file descriptor again */
}

/* At once: what is queued is discarded, and the client meets a reset. */
static void abort_connection(Connection *connection) {
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (connection->fd < 0) return;
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    forget(connection);
}

/* All is sent: FIN, and then it is read from and discarded until it closes too, or its time is over (R5.5). */
static void finish(Connection *connection) {
    if (!connection->sent_fin) {
        connection->sent_fin = true;
        if (shutdown(connection->fd, SHUT_WR) < 0) {
            abort_connection(connection);
            return;
        }
        connection->deadline = now_ms() + limits.linger_ms;
    }
    if (connection->got_fin) forget(connection);
}

/* Not connected from now on; what is queued for it is sent, then FIN (R4.1). */
static void close_connection(Connection *connection) {
    if (connection->open) {
        connection->open = false;
        input_bytes -= connection->input.length;
        release(&connection->input);
        release(&connection->waits_for);
    }
    if (connection->queue.length == 0) finish(connection);
}

/* Writing --------------------------------------------------------------------------------------------------------- */

static void send_to(Connection *connection, const void *bytes, size_t length) {
    append(&connection->queue, bytes, length);
    queued_bytes += length;
    connection->dirty = true;
}

/* Writes what the system takes; what is left waits until the socket is writable. */
static void flush(Connection *connection) {
    Buffer *queue = &connection->queue;
    bool progress = false;
    connection->dirty = false;
    while (queue->length > 0) {
        ssize_t accepted = write(connection->fd, front(queue), queue->length);
        if (accepted < 0 && errno == EINTR) continue;
        if (accepted < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (accepted < 0) {
            abort_connection(connection);
            return;
        }
        consume(queue, (size_t)accepted);
        queued_bytes -= (size_t)accepted;
        progress = true;
    }
    if (queue->length == 0) {
        if (!connection->sent_fin) connection->deadline = NEVER;
        if (!connection->open) finish(connection);
    } else if (stopping && quarter == NEVER) {
        abort_connection(connection); /* R4.3: stalled clients have had their share of the grace */
    } else if (progress || connection->deadline == NEVER) {
        connection->deadline = now_ms() + limits.write_deadline_ms;
    }
}

/* Reading and routing --------------------------------------------------------------------------------------------- */

static Connection *find(uint32_t id) {
    size_t low = 0, high = connection_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (connections[middle]->id < id) low = middle + 1;
        else high = middle;
    }
    return low < connection_count && connections[low]->id == id && connections[low]->open ? connections[low] : NULL;
}

static bool is_full(const Connection *connection) {
    return (long long)connection->queue.length >= limits.queued_bytes_max;
}

static void route(Connection *sender, uint32_t id, const unsigned char *body, size_t length) {
    Connection *destination = find(id);
    if (!destination) return; /* dropped (R3.7) */
    send_to(destination, body, length);
    if (is_full(destination)) append(&sender->waits_for, &id, sizeof id);
}

/* Whether somebody whose queue it has filled is still connected and has no room. */
static bool waits(Connection *connection) {
    Buffer *ids = &connection->waits_for;
    while (ids->length > 0) {
        uint32_t id;
        memcpy(&id, front(ids), sizeof id);
        Connection *destination = find(id);
        if (destination && is_full(destination)) return true;
        consume(ids, sizeof id);
    }
    return false;
}

/* Routes all whole messages of the input. A read may hold several, or a part of one (R1.5). */
static void take_messages(Connection *connection) {
    Buffer *input = &connection->input;
    for (;;) {
        /* The id may hold NULs: the body begins behind it. */
        size_t from = connection->searched > ID_BYTES ? connection->searched : ID_BYTES;
        unsigned char *data = front(input);
        unsigned char *nul = input->length > from ? memchr(data + from, 0, input->length - from) : NULL;
        size_t end = nul ? (size_t)(nul - data) + 1 : input->length;
        long long body_bytes = (long long)end - ID_BYTES;
        if (body_bytes > limits.message_bytes_max || (!nul && body_bytes >= limits.message_bytes_max)) {
            abort_connection(connection);
            return;
        }
        connection->searched = end;
        if (!nul) return;
        uint32_t id;
        memcpy(&id, data, sizeof id);
        route(connection, ntohl(id), data + ID_BYTES, end - ID_BYTES);
        connection->searched = 0;
        input_bytes -= end;
        consume(input, end);
        if (input->length == 0) return;
    }
}

/* R5.6: if unfinished messages alone fill the memory, the connection with the largest goes. */
static void check_memory(void) {
    while ((long long)input_bytes >= limits.held_bytes_max) {
        Connection *largest = connections[0];
        for (size_t i = 1; i < connection_count; i++)
            if (connections[i]->input.length > largest->input.length) largest = connections[i];
        abort_connection(largest);
    }
}

/* One read, so that a client that floods has no more turns than others. */
static void read_from(Connection *connection) {
    static unsigned char chunk[READ_BYTES];
    ssize_t length = read(connection->fd, chunk, sizeof chunk);
    if (length < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) abort_connection(connection);
    } else if (length == 0) {
        connection->got_fin = true;
        close_connection(connection);
    } else if (connection->open) { /* otherwise discarded, so that its kernel does not answer our FIN with a reset */
        append(&connection->input, chunk, (size_t)length);
        input_bytes += (size_t)length;
        take_messages(connection);
        check_memory();
    }
}

/* Accepting ------------------------------------------------------------------------------------------------------- */

static void accept_all(void) {
    const int yes = 1;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) {
            /* No file descriptors are left: whoever knocks waits until a client leaves. */
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) accepting = false;
            if (errno == EINTR || errno == ECONNABORTED) continue;
            return;
        }
        if ((long long)connection_count >= limits.connections_max || last_id >= limits.ids_max) {
            close(fd);
            continue;
        }
        fcntl(fd, F_SETFL, O_NONBLOCK);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (connection_count == connection_capacity) {
            connection_capacity = connection_capacity ? 2 * connection_capacity : 64;
            connections = grown(connections, connection_capacity * sizeof *connections);
        }
        Connection *connection = grown(NULL, sizeof *connection);
        *connection = (Connection){.fd = fd, .id = ++last_id, .open = true, .deadline = NEVER}; /* never again (R2.1) */
        connections[connection_count++] = connection;
        uint32_t id = htonl(connection->id);
        send_to(connection, &id, sizeof id);
    }
}

/* The loop -------------------------------------------------------------------------------------------------------- */

/* R4.3: nobody is let in, nothing more is read; what was read is delivered, then everybody gets a FIN. */
static void stop(void) {
    if (stopping) return;
    stopping = true;
    close(listener);
    quarter = now_ms() + limits.grace_ms / 4;
    grace = now_ms() + limits.grace_ms;
    for (size_t i = 0; i < connection_count; i++) {
        flush(connections[i]);
        if (connections[i]->fd >= 0) close_connection(connections[i]);
    }
}

static void check_deadlines(void) {
    long long now = now_ms();
    bool hurry = quarter != NEVER && quarter <= now;
    if (hurry) quarter = NEVER;
    for (size_t i = 0; i < connection_count; i++) {
        Connection *connection = connections[i];
        if (connection->fd < 0) continue;
        bool late = connection->deadline != NEVER && connection->deadline <= now;
        if (late && connection->sent_fin)
            forget(connection); /* without a reset: the system still delivers what it has */
        else if (late || (grace != NEVER && grace <= now))
            abort_connection(connection);
        else if (hurry && connection->queue.length > 0) flush(connection);
    }
}

/* Milliseconds until the next deadline; -1 if there is none. */
static int time_left(void) {
    long long next = quarter != NEVER ? quarter : grace;
    for (size_t i = 0; i < connection_count; i++) {
        long long deadline = connections[i]->deadline;
        if (deadline != NEVER && (next == NEVER || deadline < next)) next = deadline;
    }
    if (next == NEVER) return -1;
    long long left = next - now_ms();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void sweep(void) {
    size_t kept = 0;
    for (size_t i = 0; i < connection_count; i++) {
        if (connections[i]->fd >= 0) connections[kept++] = connections[i];
        else free(connections[i]);
    }
    connection_count = kept;
}

/* What poll shall watch its socket for. A socket of which nothing is wanted is left out, or its end would be told for ever. */
static struct pollfd wish_of(Connection *connection, bool paused) {
    bool discards = connection->sent_fin && !connection->got_fin;
    bool reads = connection->open && !paused && !waits(connection);
    short events = (short)((discards || reads ? POLLIN : 0) | (connection->queue.length > 0 ? POLLOUT : 0));
    return (struct pollfd){.fd = events ? connection->fd : -1, .events = events};
}

static void run(void) {
    struct pollfd *polled = NULL;
    while (!stopping || connection_count > 0) {
        const size_t count = connection_count;
        const bool paused = (long long)(input_bytes + queued_bytes) >= limits.held_bytes_max; /* R5.6 */
        polled = grown(polled, (count + 2) * sizeof *polled);
        polled[0] = (struct pollfd){.fd = wakeup[0], .events = POLLIN};
        polled[1] = (struct pollfd){.fd = accepting && !stopping ? listener : -1, .events = POLLIN};
        for (size_t i = 0; i < count; i++) polled[i + 2] = wish_of(connections[i], paused);
        if (poll(polled, count + 2, time_left()) < 0 && errno != EINTR) {
            perror("poll");
            exit(1);
        }
        char signals[64];
        if (read(wakeup[0], signals, sizeof signals) > 0) stop();
        for (size_t i = 0; i < count; i++) {
            Connection *connection = connections[i];
            short events = polled[i + 2].events, ready = polled[i + 2].revents;
            if (connection->fd < 0 || polled[i + 2].fd < 0) continue;
            if (ready & (POLLOUT | POLLERR | POLLHUP)) connection->dirty = true;
            if ((events & POLLIN) && (ready & (POLLIN | POLLERR | POLLHUP))) read_from(connection);
        }
        if (!stopping && polled[1].revents) accept_all();
        for (size_t i = 0; i < connection_count; i++)
            if (connections[i]->fd >= 0 && connections[i]->dirty) flush(connections[i]);
        check_deadlines();
        sweep();
    }
    free(polled);
    free(connections);
}

static void on_signal(int number) {
    (void)number;
    int before = errno;
    if (write(wakeup[1], "", 1) < 0) { /* the pipe is full of signals: one is enough */
    }
    errno = before;
}

/* A whole number from `least` to `most`; ends the process with 3 if it is none. */
static long long number_from(const char *name, const char *text, long long least, long long most) {
    char *rest;
    errno = 0;
    long long value = strtoll(text, &rest, 10);
    if (errno == 0 && *text != '\0' && *rest == '\0' && value >= least && value <= most) return value;
    fprintf(stderr, "%s is \"%s\": it must be a whole number from %lld to %lld.\n", name, text, least, most);
    exit(3);
}

static void read_limit(const char *name, long long *limit) {
    const char *text = getenv(name);
    if (text) *limit = number_from(name, text, 1, 1LL << 40);
}

int main(int argc, char **argv) {
    read_limit("SWITCHYARD_MESSAGE_BYTES_MAX", &limits.message_bytes_max);
    read_limit("SWITCHYARD_CONNECTIONS_MAX", &limits.connections_max);
    read_limit("SWITCHYARD_IDS_MAX", &limits.ids_max);
    read_limit("SWITCHYARD_WRITE_DEADLINE_MS", &limits.write_deadline_ms);
    read_limit("SWITCHYARD_QUEUED_BYTES_MAX", &limits.queued_bytes_max);
    read_limit("SWITCHYARD_LINGER_MS", &limits.linger_ms);
    read_limit("SWITCHYARD_GRACE_MS", &limits.grace_ms);
    read_limit("SWITCHYARD_HELD_BYTES_MAX", &limits.held_bytes_max);
    const char *port_text = argc > 1 ? argv[1] : getenv("SWITCHYARD_PORT");
    const int port = (int)number_from("the port", port_text ? port_text : "7000", 0, 65535);

    const struct sigaction act = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    if (pipe(wakeup) < 0) {
        perror("pipe");
        return 1;
    }
    fcntl(wakeup[0], F_SETFL, O_NONBLOCK);
    fcntl(wakeup[1], F_SETFL, O_NONBLOCK);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGPIPE, &ignore, NULL);

    const int yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t address_bytes = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener >= 0) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0) {
        fprintf(stderr, "Can't listen on port %d: %s. Choose another one.\n", port, strerror(errno));
        return 1;
    }
    fcntl(listener, F_SETFL, O_NONBLOCK);
    getsockname(listener, (struct sockaddr *)&address, &address_bytes);
    printf("listens on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    run();
    return 0;
}
