"""Files in memory, as hal.flash offers them."""


class Disk:
    """`files`: path -> bytes. full: writing fails."""

    def __init__(self):
        self.files = {}
        self.writes = 0
        self.full = False
        self.failed = ""

    def read_file(self, path):
        return self.files.get(path)

    def names(self):
        return [path[1:] for path in self.files]

    def write_file(self, path, data):
        if self.full:
            self.failed = "%s: no space" % path
            raise OSError(28, "no space")
        self.writes += 1
        self.files[path] = bytes(data)

    def remove_file(self, path):
        self.files.pop(path, None)

    def pieces(self, path, offset, size, step):
        data = self.files[path][offset : offset + size]
        for at in range(0, len(data), step):
            yield data[at : at + step]
