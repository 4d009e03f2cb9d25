"""The router as one writes it in the first hour. docs/judge-your-own-server.md tells what is wrong with it."""

import socket
import struct
import sys
import threading

clients = {}


def serve(sock, client_id):
    while True:
        data = sock.recv(65536)
        if not data:
            break
        destination = struct.unpack(">I", data[:4])[0]
        if destination in clients:
            clients[destination].sendall(data[4:])
    del clients[client_id]
    sock.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
last_id = 0
while True:
    sock, _ = listener.accept()
    last_id += 1
    clients[last_id] = sock
    sock.sendall(struct.pack(">I", last_id))
    threading.Thread(target=serve, args=(sock, last_id), daemon=True).start()
