"""A correct router whose accept queue holds five: `python3 short_backlog.py <path of the example's server.py> <port>`."""

import runpy
import socket
import sys

BACKLOG = 5

listen = socket.socket.listen
socket.socket.listen = lambda sock, _=None: listen(sock, BACKLOG)
create_server = socket.create_server
socket.create_server = lambda address, **options: create_server(address, **{**options, "backlog": BACKLOG})
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
