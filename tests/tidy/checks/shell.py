"""shellcheck accepts every shell script, also those without .sh, and each can be executed."""

import os
import re
import subprocess

from .tools import find

SHEBANG = re.compile(r"#!.*\b(ba|da)?sh\b")


def scripts(tree):
    return [name for name in tree.files
            if name.endswith(".sh") or ("." not in name.split("/")[-1] and SHEBANG.match(tree.text(name)))]


def check(tree):
    names = scripts(tree)
    problems = [f"{name}: is not executable" for name in names if not os.access(tree.root / name, os.X_OK)]
    if names:
        command = [find("shellcheck"), "--format=gcc", *names]
        problems += subprocess.run(command, cwd=tree.root, capture_output=True, text=True).stdout.splitlines()
    return problems
