"""Routers as beginners write them with one loop over all sockets: `python3 loop.py <port> <fault>`. None has limits or a shutdown."""

import select
import socket
import struct
import sys

FAULT = sys.argv[2]


class Client:
    def __init__(self, sock, client_id):
        self.sock = sock
        self.id = client_id
        self.input = b""
        self.queue = bytearray()
        self.got_fin = False


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024)
clients = {}
sockets = {}
poll = select.epoll()
poll.register(listener, select.EPOLLIN)
last_id = 0


def leave(client):
    clients.pop(client.id, None)
    sockets.pop(client.sock.fileno(), None)
    poll.unregister(client.sock)
    client.sock.close()


def watch(client):
    reads = 0 if client.got_fin else select.EPOLLIN
    poll.modify(client.sock, reads | (select.EPOLLOUT if client.queue else 0))


def write(client):
    """As much as the system takes; the rest stays queued, however much that is."""
    try:
        sent = client.sock.send(client.queue)
    except BlockingIOError:
        sent = 0
    del client.queue[:sent]
    if client.got_fin and not client.queue:
        leave(client)
    else:
        watch(client)


def route(message):
    (destination,) = struct.unpack(">I", message[:4])
    client = clients.get(destination)
    if client is None:
        return
    if FAULT == "waits for who does not read":
        client.sock.setblocking(True)
        client.sock.sendall(message[4:])
        client.sock.setblocking(False)
    else:
        client.queue += message[4:]
        write(client)


def read(client):
    data = client.sock.recv(65536)
    if not data:
        if FAULT == "reads on behind a FIN":
            return True
        clients.pop(client.id, None)
        client.got_fin = True
        write(client)
        return FAULT != "ends when one leaves"
    client.input += data
    start = 0
    nul = client.input.find(b"\0", 4)
    while nul >= 0:
        route(client.input[start : nul + 1])
        start = nul + 1
        nul = client.input.find(b"\0", start + 4)
    client.input = client.input[start:]
    return True


def handle(client, event):
    """Answers whether the server goes on."""
    if FAULT == "dies at a reset":
        return step(client, event)
    try:
        return step(client, event)
    except OSError:
        leave(client)
        return True


def step(client, event):
    if event & select.EPOLLOUT:
        write(client)
    return read(client) if event & ~select.EPOLLOUT and client.sock.fileno() in sockets and not client.got_fin else True


running = True
while running:
    for fd, event in poll.poll():
        if fd == listener.fileno():
            sock, _ = listener.accept()
            last_id += 1
            sock.sendall(struct.pack(">I", last_id))
            sock.setblocking(False)
            clients[last_id] = sockets[sock.fileno()] = Client(sock, last_id)
            poll.register(sock, select.EPOLLIN)
        elif fd in sockets and not handle(sockets[fd], event):
            running = False
