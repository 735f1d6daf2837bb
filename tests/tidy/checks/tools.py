"""Calls of compilers and linters: two at a time, and none twice for the same input."""

import hashlib
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

STORE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gossamer" / "tidy"


@cache
def version(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout


def find(*names):
    """The first of these programs that is there."""
    for name in names:
        if shutil.which(name):
            return name
    raise SystemExit(f"tidy: none of {', '.join(names)} is installed; deploy/install-deps.sh --tests does that")


def compile_flags(root):
    return ["-std=c++20", f"-I{root}", f"-I{root}/actors/include", f"-I{root}/gateway/include",
            "-DBOOST_ASIO_NO_DEPRECATED", "-Wall", "-Wextra"]


def input_hash(tree, name, tool, *settings):
    """Changes when the file, a header of ours that it includes, the tool or a setting changes."""
    parts = [version(tool), *settings]
    for file in tree.closure(name):
        parts += [file, tree.text(file)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def run_cached(jobs, what):
    """Runs (hash, command, stdin) jobs; returns the output of those that fail. Only success is remembered."""
    STORE.mkdir(parents=True, exist_ok=True)

    def run(job):
        key, command, text = job
        if (STORE / key).exists():
            return None
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode == 0:
            (STORE / key).touch()
            return None
        return (done.stdout + done.stderr)[:4000]

    known = sum((STORE / key).exists() for key, _, _ in jobs)
    with ThreadPoolExecutor(max_workers=int(os.environ.get("GOSSAMER_TIDY_JOBS", "2"))) as pool:
        failures = [output for output in pool.map(run, jobs) if output is not None]
    print(f"{what}: {len(jobs)} files, {known} unchanged since they last passed")
    return failures
