"""One thread that waits for all sockets at once: `python3 loop.py <port> <fault>`. Each fault is one that such servers have."""

import itertools
import select
import socket
import struct
import sys

PORT, FAULT = int(sys.argv[1]), sys.argv[2]
ID = struct.Struct(">I")
clients = {}
buffers = {}
ids = itertools.count(1)


def leave(sock):
    buffers.pop(sock, None)
    for client_id in [each for each, other in clients.items() if other is sock]:
        del clients[client_id]
    sock.close()


def send(sock, data):
    """Waits for as long as it takes: it is the only thread."""
    try:
        sock.sendall(data)
    except OSError:
        pass  # It has left.


def read(sock):
    try:
        data = sock.recv(65536)
    except ConnectionError:
        return leave(sock)
    if not data:
        if FAULT == "ends at a disconnect":
            sys.exit(1)
        if FAULT == "spins after a FIN":
            return None
        return leave(sock)
    rest = buffers[sock] + data
    while (end := rest.find(b"\0", 4)) >= 0:
        destination = clients.get(ID.unpack_from(rest)[0])
        if destination:
            send(destination, rest[4 : end + 1])
        rest = rest[end + 1 :]
    if sock in buffers:
        buffers[sock] = rest
    return None


listener = socket.create_server(("127.0.0.1", PORT), backlog=511)
while True:
    ready, _, _ = select.select([listener, *buffers], [], [])
    for each in ready:
        if each is listener:
            accepted, _ = listener.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number = next(ids)
            clients[number] = accepted
            buffers[accepted] = b""
            send(accepted, ID.pack(number))
        elif each in buffers:
            read(each)
