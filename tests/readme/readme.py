#!/usr/bin/env python3
"""Tests README.md.

readme.py claims                             files, links, scripts and options that it names are there;
                                             links of all other pages too
readme.py programs FOLDER [cmake option...]  its programs build, run, and print what it says
readme.py selftest                           the first of these finds what it is there for
"""

import pathlib
import sys

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
]


def selftest(text, files):
    problems = []
    for (old, new), word in BROKEN:
        if old not in text:
            problems.append(f"selftest: the page does not contain {old!r} any more")
        elif not any(word in found for found in claims.check(text.replace(old, new, 1), ROOT, files)):
            problems.append(f"selftest: nobody complained about {new!r}")
    return problems


def main(arguments):
    text = (ROOT / "README.md").read_text()
    files = claims.tracked(ROOT)
    what = arguments[0] if arguments else ""
    problems = []
    if what == "claims":
        problems = claims.check(text, ROOT, files) + claims.check_other_pages(ROOT, files)
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
