"""A disk whose power can be cut: a folder seen through FUSE that knows which sectors were synced.

    power_disk.py FOLDER MOUNT

FOLDER holds the files as the running programs see them. A line `SEED TARGET` on standard input writes to TARGET what a cut
at this moment could leave, and is answered by `cut`; the programs go on. The end of standard input unmounts.

What was synced is there. Each sector written since is there or not, by chance, and those that are there came in any order,
so an older one may lie over a newer one; so with the lengths of files. Names are taken as safe at once, and shared memory
of SQLite (`-shm`) is nothing that outlives a cut. Needs fusepy and libfuse2.
"""

import os
import random
import subprocess
import sys
import threading

from fuse import FUSE, FuseOSError, Operations

SECTOR = 512
LENGTH = -1  # the place of a change of the length


class Held:
    """A file: its sectors as they were last synced, and what was written since."""

    def __init__(self, content=b""):
        self.sectors = {n // SECTOR: content[n : n + SECTOR] for n in range(0, len(content), SECTOR)}
        self.length = len(content)
        self.loose = []

    @staticmethod
    def lay(sectors, length, changes):
        for place, what in changes:
            if place == LENGTH:
                length = what
                for gone in [n for n in sectors if n * SECTOR >= length]:
                    del sectors[gone]
            else:
                sectors[place] = what
                length = max(length, place * SECTOR + len(what))
        return length

    def sync(self):
        self.length = self.lay(self.sectors, self.length, self.loose)
        self.loose = []

    def after_a_cut(self, chance):
        share = chance.choice((0.1, 0.5, 0.9))
        kept = [change for change in self.loose if chance.random() < share]
        chance.shuffle(kept)
        sectors = dict(self.sectors)
        length = self.lay(sectors, self.length, kept)
        content = bytearray(length)
        for place, what in sectors.items():
            what = what[: max(0, length - place * SECTOR)]
            content[place * SECTOR : place * SECTOR + len(what)] = what
        return content


def says(call, *arguments):
    """Does it on the folder below; its error is the caller's."""
    try:
        return call(*arguments)
    except OSError as e:
        raise FuseOSError(e.errno) from e


class Disk(Operations):
    def __init__(self, folder):
        self.folder = folder
        self.held = {}
        self.busy = threading.RLock()
        for at, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(at, name)
                with open(path, "rb") as file:
                    self.held["/" + os.path.relpath(path, folder)] = Held(file.read())

    def __call__(self, name, *arguments):
        with self.busy:
            return super().__call__(name, *arguments)

    def below(self, path):
        return self.folder + path

    def init(self, _path):
        print("ready", flush=True)

    def getattr(self, path, _handle=None):
        found = says(os.lstat, self.below(path))
        return {name: getattr(found, name) for name in dir(found) if name.startswith("st_") and not name.endswith("_ns")}

    def readdir(self, path, _handle):
        return [".", "..", *os.listdir(self.below(path))]

    def mkdir(self, path, mode):
        says(os.mkdir, self.below(path), mode)

    def rmdir(self, path):
        says(os.rmdir, self.below(path))

    def chmod(self, path, mode):
        says(os.chmod, self.below(path), mode)

    def utimens(self, path, times=None):
        says(os.utime, self.below(path), times)

    def unlink(self, path):
        says(os.unlink, self.below(path))
        self.held.pop(path, None)

    def rename(self, old, new):
        says(os.rename, self.below(old), self.below(new))
        for path in [p for p in self.held if p == old or p.startswith(old + "/")]:
            self.held[new + path[len(old) :]] = self.held.pop(path)

    def open(self, path, flags):
        return says(os.open, self.below(path), flags & ~os.O_APPEND)

    def create(self, path, mode, _info=None):
        handle = says(os.open, self.below(path), os.O_RDWR | os.O_CREAT, mode)
        self.held.setdefault(path, Held())
        return handle

    def read(self, _path, size, offset, handle):
        return os.pread(handle, size, offset)

    def write(self, path, data, offset, handle):
        written = os.pwrite(handle, data, offset)
        first, last = offset // SECTOR, (offset + len(data) - 1) // SECTOR
        whole = self.whole(path, first * SECTOR, (last - first + 1) * SECTOR)
        loose = self.held[path].loose
        loose.extend((first + n // SECTOR, whole[n : n + SECTOR]) for n in range(0, len(whole), SECTOR))
        return written

    def whole(self, path, start, size):
        """The sectors as they now are, for a write that covers a part of one."""
        with open(self.below(path), "rb", buffering=0) as file:
            return os.pread(file.fileno(), size, start)

    def truncate(self, path, length, _handle=None):
        says(os.truncate, self.below(path), length)
        self.held[path].loose.append((LENGTH, length))

    def fsync(self, path, _only_data, handle):
        self.held[path].sync()

    def fsyncdir(self, _path, _only_data, _handle):
        """Names are safe at once."""

    def release(self, _path, handle):
        os.close(handle)

    def cut(self, seed, target):
        with self.busy:
            for path, held in sorted(self.held.items()):
                if path.endswith("-shm"):
                    continue
                out = target + path
                os.makedirs(os.path.dirname(out), exist_ok=True)
                with open(out, "wb") as file:
                    file.write(held.after_a_cut(random.Random(f"{seed} {path}")))
                os.chmod(out, os.stat(self.below(path)).st_mode & 0o777)


def listen(disk, mount):
    for line in sys.stdin:
        seed, target = line.rstrip("\n").split(" ", 1)
        disk.cut(seed, target)
        print("cut", flush=True)
    for unmount in (["umount", "-l", mount], ["fusermount3", "-u", "-z", mount], ["fusermount", "-u", "-z", mount]):
        try:
            if subprocess.run(unmount, stderr=subprocess.DEVNULL).returncode == 0:
                return
        except FileNotFoundError:
            continue


if __name__ == "__main__":
    folder, mount = map(os.path.realpath, sys.argv[1:3])
    disk = Disk(folder)
    threading.Thread(target=listen, args=(disk, mount), daemon=True).start()
    FUSE(disk, mount, foreground=True, nothreads=True, big_writes=True)
