"""clang-format agrees with every C++ file."""

import re
import subprocess

from .tools import find

BATCH = 40


def check(tree):
    tool = find("clang-format-14")
    names = tree.named(".hpp", ".cpp", ".h")
    problems = []
    for start in range(0, len(names), BATCH):
        command = [tool, "--dry-run", "-Werror", "--ferror-limit=1", *names[start : start + BATCH]]
        done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True)
        found = re.findall(r"^(\S+?):(\d+):\d+: error", done.stderr, re.MULTILINE)
        problems += [f"{name}:{line}: not as clang-format writes it" for name, line in found]
        if done.returncode != 0 and not found:
            problems.append(f"{tool} failed: {done.stderr[:500]}")
    return problems
