#!/usr/bin/env python3
"""Every C++ block of docs/embedding.md is, line by line, a part of a file that is compiled and run here."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^(<!-- file: (\S+), part: (\w+) -->\n)?```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def part_of(text, name):
    found = re.search(rf"^ *// begin: {name}\n(.*?)^ *// end$", text, re.MULTILINE | re.DOTALL)
    return found and found[1]


def problems(page, read):
    blocks = BLOCK.findall(page)
    found = [] if len(blocks) >= 5 else [f"only {len(blocks)} blocks of C++"]
    for mark, file, name, text in blocks:
        first = text.splitlines()[0]
        if not mark:
            found.append(f"the block '{first}' names no file")
        elif part_of(read(file), name) != text:
            found.append(f"the block '{first}' is not part {name} of {file}")
    return found


def main():
    page = (ROOT / "docs/embedding.md").read_text()
    read = lambda name: (ROOT / name).read_text()
    found = problems(page, read)
    for one in found:
        print(f"docs/embedding.md: {one}")
    # What it is there for.
    if not problems(page.replace("++visitors", "--visitors", 1), read):
        found.append("a changed block is not noticed")
    if not problems(page.replace("<!-- file:", "<!--", 1), read):
        found.append("a block without a file is not noticed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
