"""A source tree as the checks see it: its tracked files, their text and their includes."""

import re
import subprocess
from functools import cache
from pathlib import Path

CODE = ("runtime", "actors", "gateway")  # what is installed; examples and tests are users of it
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


class tree:
    def __init__(self, root):
        self.root = Path(root).resolve()
        self.files = sorted(self._tracked())

    def _tracked(self):
        """What git tracks; outside git (a release tarball) every file but those of a build."""
        git = subprocess.run(["git", "-C", self.root, "ls-files", "-z"], capture_output=True, text=True)
        if git.returncode == 0 and git.stdout:
            names = git.stdout.split("\0")
        else:
            paths = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
            names = [str(p) for p in paths if not {"build", "node_modules", ".git"} & set(p.parts)]
        return [name for name in names if name and (self.root / name).is_file()]

    def named(self, *endings, below=None):
        found = [name for name in self.files if name.endswith(endings)]
        return [name for name in found if below is None or name.split("/")[0] in below]

    @cache
    def text(self, name):
        return (self.root / name).read_text(errors="replace")

    @cache
    def includes(self, name):
        """[(line, '<' or '"', what)] of one file."""
        text = self.text(name)
        return [(text.count("\n", 0, m.start()) + 1, m[1], m[2]) for m in INCLUDE.finditer(text)]

    @cache
    def resolve(self, name, what):
        """The tracked file that an include means, or None if it is not one of ours."""
        beside = str((Path(name).parent / what))
        for candidate in (what, f"actors/include/{what}", f"gateway/include/{what}", beside):
            if candidate in self._file_set():
                return candidate
        return None

    @cache
    def _file_set(self):
        return frozenset(self.files)

    @cache
    def closure(self, name):
        """The file and every file of ours that it includes, directly or not."""
        seen, todo = {name}, [name]
        while todo:
            here = todo.pop()
            for _, _, what in self.includes(here):
                found = self.resolve(here, what)
                if found and found not in seen:
                    seen.add(found)
                    todo.append(found)
        return sorted(seen)

    @cache
    def outside(self, name):
        """Every include of the closure that is not a file of ours."""
        return sorted({what for file in self.closure(name) for _, _, what in self.includes(file)
                       if not self.resolve(file, what)})
