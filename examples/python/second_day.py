"""The router at the end of the second day: errors, deadlines and places belong to the connection that they are about."""

import os
import socket
import struct
import sys
import threading

CONNECTIONS_MAX = int(os.environ.get("SWITCHYARD_CONNECTIONS_MAX", "1024"))
DEADLINE_MS = int(os.environ.get("SWITCHYARD_WRITE_DEADLINE_MS", "10000"))

clients = {}  # id -> (socket, a lock: one message at a time is written to it)


def serve(sock, client_id):
    rest = b""
    try:
        while data := sock.recv(65536):
            rest += data
            while (nul := rest.find(b"\0", 4)) >= 0:
                destination = struct.unpack(">I", rest[:4])[0]
                deliver(destination, rest[4 : nul + 1])
                rest = rest[nul + 1 :]
    except OSError:
        pass  # Reset, or its deadline was over: it ends like any other.
    clients.pop(client_id, None)
    sock.close()


def deliver(destination, body):
    sock, lock = clients.get(destination, (None, None))
    if sock is None:
        return
    with lock:
        try:
            sock.sendall(body)
        except OSError:
            # Not the sender's error. `serve` of the destination hears of it, too.
            clients.pop(destination, None)
            abort(sock)


def abort(sock):
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # It is gone already.


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
last_id = 0
while True:
    sock, _ = listener.accept()
    if len(clients) >= CONNECTIONS_MAX:
        sock.close()
        continue
    # How long one `send` may wait while nothing is accepted. `settimeout` would end idle readers, too.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", DEADLINE_MS // 1000, DEADLINE_MS % 1000 * 1000))
    last_id += 1
    clients[last_id] = (sock, threading.Lock())
    deliver(last_id, struct.pack(">I", last_id))
    threading.Thread(target=serve, args=(sock, last_id), daemon=True).start()
