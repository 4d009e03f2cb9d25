"""The example in Python with an accept queue of 5, which breaks no clause: `python3 backlog.py <port> <examples/python/server.py>`."""

import runpy
import socket
import sys

PORT, SERVER = sys.argv[1:]
create_server = socket.create_server


def short(*given, **options):
    return create_server(*given, **{**options, "backlog": 5})


socket.create_server = short
sys.argv = [SERVER, PORT]
runpy.run_path(SERVER, run_name="__main__")
