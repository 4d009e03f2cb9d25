"""The router in Python, with nothing but the standard library: one thread, and a loop over the sockets that are ready.

    python3 server.py [port]        or the environment variable SWITCHYARD_PORT; default 7000

It keeps sections 1 to 5 of docs/protocol.md. Limits are environment variables, such as SWITCHYARD_MESSAGE_BYTES_MAX.

Idea   Nothing waits but the loop. Each turn asks which sockets are ready, reads once from each, routes what is whole, and
       writes as much as the system takes; the rest stays in a queue for each client until its socket is writable.
Read   from `Server.run` down.
"""

import os
import selectors
import signal
import socket
import struct
import sys
import time

READ_BYTES = 64 * 1024
ID = struct.Struct(">I")  # unsigned, 32 bits, big-endian (R1.1)
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST and forgets what is queued

DEFAULTS = {
    "MESSAGE_BYTES_MAX": 1024 * 1024,  # R5.1: body and NUL
    "CONNECTIONS_MAX": 65_535,  # R5.2
    "IDS_MAX": 2**31 - 1,  # R2.1
    "WRITE_DEADLINE_MS": 10_000,  # R5.3
    "QUEUED_BYTES_MAX": 1024 * 1024,  # R5.4: for each destination
    "LINGER_MS": 1_000,  # R5.5
    "GRACE_MS": 5_000,  # R5.5
    "HELD_BYTES_MAX": 256 * 1024 * 1024,  # R5.6: the whole server
}


class Connection:
    """One client, from its accept until its socket is closed."""

    def __init__(self, sock, client_id):
        self.sock = sock
        self.id = client_id
        self.open = True  # False once its FIN was read, or we have begun to close: no message is for it any more
        self.input = bytearray()  # an unfinished message: whole ones are routed as soon as they are read
        self.searched = 0  # so many bytes of `input` hold no NUL that could end a message
        self.queue = bytearray()  # what it has not been sent yet
        self.full = set()  # those whose queues it has filled: it is not read from until all have room (R5.4)
        self.waiting = set()  # those that have filled this one's queue
        self.got_fin = False
        self.sent_fin = False
        self.deadline = None  # when it is aborted: its writes stand still (R5.3), or it does not close (R5.5)
        self.events = 0  # what the selector watches its socket for


class Server:
    def __init__(self, port, limits):
        self.limits = limits
        self.selector = selectors.DefaultSelector()
        self.connections = set()
        self.clients = {}  # id -> Connection, of those that are open
        self.timed = set()  # connections that have a deadline
        self.dirty = set()  # connections to write to before this turn ends
        self.last_id = 0
        self.input_bytes = 0  # held, in all unfinished messages
        self.queued_bytes = 0  # held, in all queues
        self.paused = False  # too much is held: nobody is read from (R5.6)
        self.stopping = False
        self.quarter = self.grace = None  # when stalled clients, and when all, are aborted in a shutdown
        self.listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        # A signal writes a byte to this pair, which ends the loop's wait.
        self.wakeup, wakeup_end = socket.socketpair()
        self.wakeup.setblocking(False)
        wakeup_end.setblocking(False)
        self.wakeup_end = wakeup_end
        self.selector.register(self.wakeup, selectors.EVENT_READ)
        signal.set_wakeup_fd(wakeup_end.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)

    # The loop --------------------------------------------------------------------------------------------------------

    def run(self):
        while not self.stopping or self.connections:
            for key, events in self.selector.select(self.time_left()):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj is self.wakeup:
                    self.wakeup.recv(64)
                    self.stop()
                else:
                    connection = key.data
                    if events & selectors.EVENT_WRITE:
                        self.dirty.add(connection)
                    if events & selectors.EVENT_READ:
                        self.read(connection)
            self.flush_dirty()
            self.check_deadlines()

    def time_left(self):
        """Seconds until the next deadline; None if there is none."""
        times = [connection.deadline for connection in self.timed]
        times += [moment for moment in (self.quarter, self.grace) if moment is not None]
        return max(0, min(times) - time.monotonic()) if times else None

    def check_deadlines(self):
        now = time.monotonic()
        for connection in [each for each in self.timed if each.deadline <= now]:
            if connection.sent_fin:
                self.forget(connection)  # without a reset: the system still delivers what it has
            else:
                self.abort(connection)
        if self.quarter is not None and self.quarter <= now:
            self.quarter = None
            for connection in [each for each in self.connections if each.queue]:
                self.flush(connection)
        if self.grace is not None and self.grace <= now:
            for connection in list(self.connections):
                self.abort(connection)

    # Accepting -------------------------------------------------------------------------------------------------------

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError:
                # No file descriptors are left: whoever knocks waits until a client leaves.
                self.selector.unregister(self.listener)
                return
            full = len(self.connections) >= self.limits["CONNECTIONS_MAX"]
            if full or self.last_id >= self.limits["IDS_MAX"]:
                sock.close()
                continue
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.last_id += 1  # never given again (R2.1)
            connection = Connection(sock, self.last_id)
            self.connections.add(connection)
            self.clients[connection.id] = connection
            self.send(connection, ID.pack(connection.id))
            self.watch(connection)

    # Reading and routing ---------------------------------------------------------------------------------------------

    def read(self, connection):
        """One read, so that a client that floods has no more turns than others."""
        if connection not in self.connections:
            return
        try:
            chunk = connection.sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            return self.abort(connection)
        if not chunk:
            connection.got_fin = True
            return self.close(connection)
        if not connection.open:
            return  # discarded, so that its kernel does not answer our FIN with a reset
        connection.input += chunk
        self.input_bytes += len(chunk)
        self.take_messages(connection)
        self.check_memory()

    def take_messages(self, connection):
        """Routes all whole messages of the input. A read may hold several, or a part of one (R1.5)."""
        data, start, most = connection.input, 0, self.limits["MESSAGE_BYTES_MAX"]
        while True:
            # The id may hold NULs: the body begins behind it.
            nul = data.find(0, max(start + ID.size, connection.searched))
            end = len(data) if nul < 0 else nul + 1
            body_bytes = end - start - ID.size
            if body_bytes > most or (nul < 0 and body_bytes >= most):
                return self.abort(connection)
            if nul < 0:
                break
            self.route(connection, ID.unpack_from(data, start)[0], data[start + ID.size : end])
            start = end
        connection.searched = len(data) - start
        del data[:start]
        self.input_bytes -= start
        self.watch(connection)

    def route(self, sender, client_id, body):
        destination = self.clients.get(client_id)
        if destination is None:
            return  # dropped (R3.7)
        self.send(destination, body)
        if len(destination.queue) >= self.limits["QUEUED_BYTES_MAX"]:
            sender.full.add(destination)
            destination.waiting.add(sender)

    def check_memory(self):
        """R5.6: reading pauses while too much is held; if unfinished messages alone are, the largest goes."""
        most = self.limits["HELD_BYTES_MAX"]
        while self.input_bytes >= most:
            self.abort(max(self.connections, key=lambda each: len(each.input)))
        paused = self.input_bytes + self.queued_bytes >= most
        if paused != self.paused:
            self.paused = paused
            for connection in self.connections:
                self.watch(connection)

    # Writing ---------------------------------------------------------------------------------------------------------

    def send(self, connection, data):
        connection.queue += data
        self.queued_bytes += len(data)
        self.dirty.add(connection)

    def flush_dirty(self):
        while self.dirty:
            self.flush(self.dirty.pop())

    def flush(self, connection):
        """Writes what the system takes; what is left waits until the socket is writable."""
        if connection not in self.connections:
            return
        accepted = 0
        try:
            while accepted < len(connection.queue):
                with memoryview(connection.queue) as view:
                    accepted += connection.sock.send(view[accepted:])
        except BlockingIOError:
            pass
        except OSError:
            return self.abort(connection)
        del connection.queue[:accepted]
        self.queued_bytes -= accepted
        if connection.queue:
            if self.stopping and self.quarter is None:
                return self.abort(connection)  # R4.3: stalled clients have had their share of the grace
            if accepted or connection.deadline is None:
                self.set_deadline(connection, self.limits["WRITE_DEADLINE_MS"])
        else:
            if not connection.sent_fin:
                self.set_deadline(connection, None)
            if not connection.open:
                self.finish(connection)
        if len(connection.queue) < self.limits["QUEUED_BYTES_MAX"]:
            self.release(connection)
        self.watch(connection)
        self.check_memory()

    def release(self, connection):
        """Whoever waited for room in its queue, or for its end, is read from again."""
        for sender in connection.waiting:
            sender.full.discard(connection)
            self.watch(sender)
        connection.waiting.clear()

    def wait_for_none(self, connection):
        for destination in connection.full:
            destination.waiting.discard(connection)
        connection.full.clear()

    def watch(self, connection):
        """Brings the selector up to date with what this connection waits for."""
        if connection not in self.connections:
            return
        wanted = selectors.EVENT_WRITE if connection.queue else 0
        discards = connection.sent_fin and not connection.got_fin
        reads = connection.open and not connection.full and not self.paused
        if discards or reads:
            wanted |= selectors.EVENT_READ
        if wanted == connection.events:
            return
        if connection.events == 0:
            self.selector.register(connection.sock, wanted, connection)
        elif wanted == 0:
            self.selector.unregister(connection.sock)
        else:
            self.selector.modify(connection.sock, wanted, connection)
        connection.events = wanted

    # Endings ---------------------------------------------------------------------------------------------------------

    def close(self, connection):
        """Not connected from now on; what is queued for it is sent, then FIN (R4.1)."""
        if connection.open:
            connection.open = False
            self.clients.pop(connection.id, None)
            self.input_bytes -= len(connection.input)
            connection.input.clear()
            self.wait_for_none(connection)
        if connection.queue:
            self.watch(connection)
        else:
            self.finish(connection)

    def finish(self, connection):
        """All is sent: FIN, and then reads and discards until the client closes too, or its time is over (R5.5)."""
        if not connection.sent_fin:
            connection.sent_fin = True
            try:
                connection.sock.shutdown(socket.SHUT_WR)
            except OSError:
                return self.abort(connection)
            self.set_deadline(connection, self.limits["LINGER_MS"])
        if connection.got_fin:
            self.forget(connection)
        else:
            self.watch(connection)

    def abort(self, connection):
        """At once: what is queued is discarded, and the client meets a reset."""
        if connection not in self.connections:
            return
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.forget(connection)

    def forget(self, connection):
        """Frees all that there is of it."""
        if connection.events:
            self.selector.unregister(connection.sock)
            connection.events = 0
        connection.sock.close()
        self.connections.discard(connection)
        self.clients.pop(connection.id, None)
        self.dirty.discard(connection)
        self.set_deadline(connection, None)
        self.wait_for_none(connection)
        self.input_bytes -= len(connection.input)
        self.queued_bytes -= len(connection.queue)
        connection.input.clear()
        connection.queue.clear()
        connection.open = False
        self.release(connection)
        if not self.stopping and self.listener not in self.selector.get_map():
            self.selector.register(self.listener, selectors.EVENT_READ)

    def set_deadline(self, connection, after_ms):
        if after_ms is None:
            connection.deadline = None
            self.timed.discard(connection)
        else:
            connection.deadline = time.monotonic() + after_ms / 1000
            self.timed.add(connection)

    def stop(self):
        """R4.3: nobody is let in, nothing more is read; what was read is delivered, then everybody gets a FIN."""
        if self.stopping:
            return
        self.stopping = True
        if self.listener in self.selector.get_map():
            self.selector.unregister(self.listener)
        self.listener.close()
        now, grace = time.monotonic(), self.limits["GRACE_MS"] / 1000
        self.quarter, self.grace = now + grace / 4, now + grace
        self.flush_dirty()
        for connection in list(self.connections):
            self.close(connection)


def limits_from(environment):
    """The defaults, and what SWITCHYARD_... variables say instead. Exits with 3 for a value that can be none."""
    limits = {}
    for name, default in DEFAULTS.items():
        limits[name] = number_from(f"SWITCHYARD_{name}", environment.get(f"SWITCHYARD_{name}", str(default)), 1)
    return limits


def number_from(name, text, least):
    if not text.isdecimal() or int(text) < least:
        print(f"{name} is {text!r}: it must be a whole number from {least} on.", file=sys.stderr)
        sys.exit(3)
    return int(text)


def main():
    port = number_from("the port", sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SWITCHYARD_PORT", "7000"), 0)
    limits = limits_from(os.environ)
    try:
        server = Server(port, limits)
    except (OSError, OverflowError) as error:
        print(f"Can't listen on port {port}: {error}. Choose another one.", file=sys.stderr)
        sys.exit(1)
    print(f"listens on 127.0.0.1:{server.listener.getsockname()[1]}", flush=True)
    server.run()


if __name__ == "__main__":
    main()
