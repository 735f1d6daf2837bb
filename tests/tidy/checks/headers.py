"""Every header compiles alone: one translation unit each, syntax only."""

from .tools import compile_flags, find, input_hash, run_cached
from .tree import CODE


def check(tree):
    compiler = find("g++")
    flags = [*compile_flags(tree.root), "-Werror", "-fsyntax-only", "-x", "c++", "-"]
    jobs = []
    for name in tree.named(".hpp", ".h", below=CODE):
        # Included twice, so that a missing guard shows as well.
        unit = f'#include "{name}"\n#include "{name}"\n'
        jobs.append((input_hash(tree, name, compiler, "header alone", *flags[4:]), [compiler, *flags], unit))
    return run_cached(jobs, "headers")
