"""The chat of `first_chat.py` without its four faults: what docs/teach/lab-3.md asks for."""

import asyncio
import itertools
import re
import sys

HELP = """Server commands
  /help - print this message
  /name {name} - change name
  /rooms - list rooms
  /join {room} - joins room
  /users - list users in room
  /quit - quit server"""
NAME = re.compile(r"[A-Za-z0-9_-]{2,20}")
ADJECTIVES = ["Bold", "Calm", "Eager", "Frank", "Glad", "Keen", "Merry", "Quick", "Sharp", "Wise"]
ANIMALS = ["Badger", "Condor", "Donkey", "Ferret", "Gopher", "Husky", "Iguana", "Jaguar", "Lizard", "Otter"]

names = set()
rooms = {}  # Each with its members.
new_names = (a + b for a, b in itertools.product(ADJECTIVES, ANIMALS))


class Member:
    def __init__(self, writer):
        self.writer = writer
        self.name = next(new_names)
        self.room = None
        names.add(self.name)

    def send(self, line):
        self.writer.write(line.encode() + b"\n")

    def tell(self, line):
        for member in rooms[self.room]:
            member.send(line)

    def enter(self, room):
        self.room = room
        rooms.setdefault(room, [])
        self.tell(f"{self.name} joined")
        rooms[room].append(self)
        self.send(f"You joined {room}")

    def leave(self):
        rooms[self.room].remove(self)
        self.tell(f"{self.name} left")
        if not rooms[self.room]:
            del rooms[self.room]

    def rename(self, new):
        if not NAME.fullmatch(new):
            return self.send("Name must be 2 - 20 alphanumeric chars")
        if new in names:
            return self.send(f"{new} is already taken")
        names.discard(self.name)
        names.add(new)
        self.tell(f"{self.name} is now {new}")
        self.name = new

    def join(self, room):
        if not NAME.fullmatch(room):
            return self.send("Room must be 2 - 20 alphanumeric chars")
        if room == self.room:
            return self.send(f"You are in {room}")
        self.leave()
        self.enter(room)

    def take(self, line):
        word, first, *_ = [*line.split(), "", ""]
        if not line.startswith("/"):
            self.tell(f"{self.name}: {line}")
        elif word == "/help":
            self.send(HELP)
        elif word == "/name":
            self.rename(first)
        elif word == "/join":
            self.join(first)
        elif word == "/rooms":
            counts = sorted((-len(members), room) for room, members in rooms.items())
            self.send("Rooms - " + ", ".join(f"{room} ({-count})" for count, room in counts))
        elif word == "/users":
            self.send("Users - " + ", ".join(sorted(member.name for member in rooms[self.room])))
        else:
            self.send(f"Unrecognized command {word}, try /help")


async def serve(reader, writer):
    member = Member(writer)
    member.send(f"{HELP}\nYou are {member.name}")
    member.enter("main")
    try:
        while (line := await reader.readline()).endswith(b"\n"):
            text = line.decode().rstrip("\r\n")
            if text == "/quit":
                break
            member.take(text)
    except ConnectionError:
        pass  # It is gone, and leaves like any other.
    member.leave()
    names.discard(member.name)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
