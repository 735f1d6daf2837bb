#!/usr/bin/env python3
"""Runs one check of the house style on a tree: tidy.py CHECK [ROOT].

Prints one line per problem and exits with 1 if there is any. Needs no build folder.
"""

import sys
import time
from pathlib import Path

from checks import clang_tidy, format, headers, layers, lengths, parity, shape, shell
from checks.tree import tree

CHECKS = {
    "format": format.check,
    "clang_tidy": clang_tidy.check,
    "shell": shell.check,
    "headers": headers.check,
    "layers": layers.check,
    "lengths": lengths.check,
    "parity": parity.check,
    "shape": shape.check,
}


def main(arguments):
    if not arguments or arguments[0] not in CHECKS:
        print(f"usage: tidy.py {'|'.join(CHECKS)} [ROOT]", file=sys.stderr)
        return 2
    name = arguments[0]
    root = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parents[2]
    started = time.monotonic()
    problems = CHECKS[name](tree(root))
    for problem in problems:
        print(problem)
    print(f"{name}: {len(problems)} problems, {time.monotonic() - started:.1f} s")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
