"""clang-tidy with the checks of .clang-tidy on the sources of runtime, actors and gateway.

Sources that see CAF or Beast are left out: each costs clang-tidy 14 up to a minute, together they would
cost more than the rest of the run. Their drivers hold few decisions; what they call is checked.
"""

from .layers import heavy
from .tools import compile_flags, find, input_hash, run_cached
from .tree import CODE


def check(tree):
    tool = find("clang-tidy-14")
    settings = tree.root / ".clang-tidy"
    flags = [flag for flag in compile_flags(tree.root) if not flag.startswith("-W")]
    sources = tree.named(".cpp", below=CODE)
    light = [name for name in sources if not heavy(tree, name)]
    jobs = []
    for name in light:
        command = [tool, "--quiet", f"--config-file={settings}", str(tree.root / name), "--", *flags]
        jobs.append((input_hash(tree, name, tool, settings.read_text(), *flags[4:]), command, None))
    print(f"{len(sources) - len(light)} files that see CAF or Beast are left out")
    return run_cached(jobs, "clang-tidy")
