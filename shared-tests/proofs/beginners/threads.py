"""Routers as beginners write them with a thread for each client: `python3 threads.py <port> <fault>`. None has limits or a shutdown."""

import socket
import struct
import sys
import threading

FAULT = sys.argv[2]
clients = {}
write_locks = {}
lock = threading.Lock()


def route(message):
    """`message`: four bytes of id, a body and its NUL."""
    (destination,) = struct.unpack(">I", message[:4])
    if FAULT == "a table without a lock":
        for client_id, sock in clients.items():
            if client_id == destination:
                write(sock, message[4:])
    elif FAULT == "a write under the lock":
        with lock:
            if destination in clients:
                clients[destination].sendall(message[4:])
    else:
        with lock:
            sock = clients.get(destination)
        if sock:
            write(sock, message[4:])


def write(sock, data):
    with write_locks.setdefault(sock, threading.Lock()):
        sock.sendall(data)


def whole_messages(sock):
    buffer = b""
    while True:
        data = sock.recv(65536)
        if not data:
            return
        buffer += data
        nul = buffer.find(b"\0", 4)
        while nul >= 0:
            yield buffer[: nul + 1]
            buffer = buffer[nul + 1 :]
            if FAULT == "an if in place of a while":
                break
            nul = buffer.find(b"\0", 4)


def read_with_the_lock(sock):
    while True:
        with lock:
            data = sock.recv(65536)
        if not data:
            return
        yield data


def each_read(sock):
    while True:
        data = sock.recv(65536)
        if not data:
            return
        yield data


READERS = {"a read is a message": each_read, "a read under the lock": read_with_the_lock}


def serve(sock, client_id):
    try:
        for message in READERS.get(FAULT, whole_messages)(sock):
            if len(message) > 4:
                route(message)
    except OSError:
        pass
    clients.pop(client_id, None)
    sock.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024)
last_id = 0
while True:
    sock, _ = listener.accept()
    last_id += 1
    clients[last_id] = sock
    try:
        sock.sendall(struct.pack(">I", last_id))
    except OSError:
        clients.pop(last_id)
        continue
    threading.Thread(target=serve, args=(sock, last_id), daemon=True).start()
