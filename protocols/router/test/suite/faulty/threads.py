"""A thread for each client, as in a first tutorial: `python3 threads.py <port> <fault>`. Each fault is one that such servers have."""

import itertools
import socket
import struct
import sys
import threading

PORT, FAULT = int(sys.argv[1]), sys.argv[2]
ID = struct.Struct(">I")
clients = {}
table = threading.Lock()
ids = itertools.count(1)


def look_up(client_id):
    if FAULT == "a dictionary without a lock":
        for each, sock in clients.items():
            if each == client_id:
                return sock
            sock.getpeername()  # A system call: another thread may run.
        return None
    with table:
        return clients.get(client_id)


def route(message):
    if len(message) < 5:
        return
    destination = look_up(ID.unpack_from(message)[0])
    if destination:
        try:
            destination.sendall(message[4:])
        except OSError:
            pass  # It has left.


def take(buffer):
    """Routes what is whole. Returns the rest."""
    while (end := buffer.find(b"\0", 4)) >= 0:
        route(buffer[: end + 1])
        buffer = buffer[end + 1 :]
        if FAULT == "one read, one message, with a buffer":
            return b""
        if FAULT == "a buffer without a loop":
            return buffer
    return buffer


def serve(sock, client_id):
    buffer = b""
    while True:
        if FAULT == "a lock held while reading":
            with table_of_all:
                data = sock.recv(65536)
                buffer = take(buffer + data)
        else:
            data = sock.recv(65536)
            if FAULT == "one read, one message":
                route(data[: data.find(b"\0", 4) + 1])
            else:
                buffer = take(buffer + data)
        if not data:
            break
    with table:
        del clients[client_id]
    sock.close()


def run(sock, client_id):
    try:
        serve(sock, client_id)
    except ConnectionError:
        with table:
            clients.pop(client_id, None)
        sock.close()


table_of_all = threading.Lock()
listener = socket.create_server(("127.0.0.1", PORT), backlog=511)
while True:
    accepted, _ = listener.accept()
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    number = next(ids)
    with table:
        clients[number] = accepted
    accepted.sendall(ID.pack(number))
    threading.Thread(target=run, args=(accepted, number), daemon=True).start()
