"""The router at the end of the first day: it keeps the basic profile, and has neither limits nor an orderly end."""

import socket
import struct
import sys
import threading

clients = {}  # id -> (socket, a lock: one message at a time is written to it)


def serve(sock, client_id):
    rest = b""
    while True:
        data = sock.recv(65536)
        if not data:
            break
        rest += data
        while (nul := rest.find(b"\0", 4)) >= 0:
            destination = struct.unpack(">I", rest[:4])[0]
            deliver(destination, rest[4 : nul + 1])
            rest = rest[nul + 1 :]
    del clients[client_id]
    sock.close()


def deliver(destination, body):
    if destination in clients:
        sock, lock = clients[destination]
        with lock:
            sock.sendall(body)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
last_id = 0
while True:
    sock, _ = listener.accept()
    last_id += 1
    clients[last_id] = (sock, threading.Lock())
    deliver(last_id, struct.pack(">I", last_id))
    threading.Thread(target=serve, args=(sock, last_id), daemon=True).start()
