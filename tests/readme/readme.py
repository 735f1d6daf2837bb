#!/usr/bin/env python3
"""Tests README.md.

readme.py claims                             files, links, scripts and options that it names are there, its
                                             numbers are the log's; links of all other pages too
readme.py api                                docs/api shows the examples that run, and every public name has one
readme.py embed                              writes the examples into the pages of docs/api
readme.py programs FOLDER [cmake option...]  its programs build, run, and print what it says
readme.py selftest                           the first of these finds what it is there for
"""

import pathlib
import sys

import api
import claims
import programs

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What somebody may break, and a word of the complaint.
BROKEN = [
    (("](docs/threads.md)", "](docs/thread.md)"), "docs/thread.md"),
    (("`runtime/membership`", "`runtime/members`"), "runtime/members"),
    (("./deploy/quickstart.sh ", "./deploy/quick.sh "), "no such script"),
    (("./deploy/quickstart.sh ", "./deploy/quickstart.sh --fast "), "--fast"),
    (("`--tsan`", "`--thread`"), "--thread"),
    (("./tests/run.sh ", "./tests/tsan/suppressions.txt "), "not executable"),
    (("<!-- output: client.mjs -->\n", "<!-- output: client.mjs -->\n\n"), "no block"),
    (("<!-- output: client.mjs -->\n", ""), "no output"),
    (("talks to desk.cpp", "talks to dusk.cpp"), "dusk.cpp"),
    (("`gossamer --print-config`", "`gossamer --show-config`"), "--show-config"),
    (("| 17.3 us |", "| 17.8 us |"), "17.8"),
    (("9.6 times less", "19.6 times less"), "19.6"),
]

# The same for docs/api: a file, what somebody does to it, and a word of the complaint.
BROKEN_API = [
    ("actors/include/gossamer/socket.hpp", "  error_code join(", "  void novelty() const;\n  error_code join(", "socket::novelty"),
    ("gateway/include/gossamer/options.hpp", "  bool serve_client", "  int novelty = 0;\n  bool serve_client", "options::novelty"),
    ("docs/api/examples/socket.cpp", "// example: socket::local", "// local", "socket::local"),
    ("docs/api/examples/socket.cpp", "s.local()", "s.broadcast()", "socket::local does not use it"),
    ("docs/api/examples/socket.cpp", "// example: socket::local", "// example: socket::global", "no public name"),
    ("docs/api/socket.md", "  s.local()", "  s.locale()", "not as in"),
    ("docs/api/socket.md", "### `local()`", "### `near()`", "says nothing about socket::local"),
    ("docs/api/socket.md", "<!-- example: socket::local -->", "", "no page shows socket::local"),
    ("docs/api/README.md", "(socket.md)", "(server.md)", "does not link"),
]


def selftest(text, files):
    problems = []
    for (old, new), word in BROKEN:
        if old not in text:
            problems.append(f"selftest: the page does not contain {old!r} any more")
        elif not any(word in found for found in claims.check(text.replace(old, new, 1), ROOT, files)):
            problems.append(f"selftest: nobody complained about {new!r}")
    for name, old, new, word in BROKEN_API:
        texts = []
        found = api.check(ROOT, lambda file, text: (texts.append(file), text.replace(old, new, 1))[1] if file == name else text)
        if not texts or old not in (ROOT / name).read_text():
            problems.append(f"selftest: {name} does not contain {old!r} any more")
        elif not any(word in one for one in found):
            problems.append(f"selftest: nobody complained about {new!r} in {name}")
    return problems


def main(arguments):
    text = (ROOT / "README.md").read_text()
    files = claims.tracked(ROOT)
    what = arguments[0] if arguments else ""
    problems = []
    if what == "claims":
        problems = claims.check(text, ROOT, files) + claims.check_other_pages(ROOT, files) + claims.check_table_of_pages(ROOT, files)
    elif what == "api":
        problems = api.check(ROOT)
    elif what == "embed":
        api.embed(ROOT)
    elif what == "selftest":
        problems = selftest(text, files)
    elif what == "programs" and len(arguments) > 1:
        try:
            programs.check(text, ROOT, pathlib.Path(arguments[1]), arguments[2:])
        except AssertionError as failed:
            problems = [str(failed)]
    else:
        sys.exit(__doc__)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
