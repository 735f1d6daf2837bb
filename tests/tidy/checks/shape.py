"""The shape of the tree: its top level, a README in each folder, nothing that only one machine knows."""

import re

from .layers import TABLE

TOP = {"CMakeLists.txt", "README.md", "LICENSE", "CMakePresets.json", "cmake",
       "runtime", "actors", "gateway", "tests", "deploy", "examples", "docs"}
REQUIRED = {"CMakeLists.txt", "README.md", "LICENSE", "CMakePresets.json",
            "runtime", "actors", "gateway", "tests", "deploy", "examples", "docs"}

# Assembled from pieces, so that this file does not contain what it looks for.
PLACES = re.compile(r"(?<![\w.~/$}-])/(?:" + "|".join(["work", "root", "home"]) + r")(?:/[\w.-]|(?=[\s\"'`),;]|$))",
                    re.MULTILINE)
HOSTS = re.compile("|".join(re.escape(".".join(parts)) for parts in (
    ("registry", "npmjs", "org"), ("registry", "yarnpkg", "com"), ("deb", "debian", "org"),
    ("security", "debian", "org"), ("archive", "ubuntu", "com"), ("files", "pythonhosted", "org"),
    ("pypi", "org"), ("proxy", "golang", "org"), ("static", "crates", "io"), ("index", "crates", "io"))))
LOCK_FILES = ("package-lock.json", "npm-shrinkwrap.json")
BINARY = (".png", ".jpg", ".gif", ".ico", ".webp", ".gz", ".br", ".woff2", ".bin")


def check_top(tree):
    found = {name.split("/")[0] for name in tree.files}
    problems = [f"{name}: does not belong on the top level" for name in sorted(found - TOP)
                if not name.startswith(".")]
    return problems + [f"{name}: is missing on the top level" for name in sorted(REQUIRED - found)]


def check_readmes(tree):
    files = set(tree.files)
    used = [folder for folder in TABLE
            if any(name.startswith(folder + "/") and name.count("/") == folder.count("/") + 1 for name in files)]
    return [f"{folder}: has no README.md" for folder in used if f"{folder}/README.md" not in files]


def check_lock(tree, name):
    return [f"{name}: names where packages come from (\"resolved\"); make it with "
            "omit-lockfile-registry-resolved=true"] if '"resolved"' in tree.text(name) else []


def check_words(tree, name):
    problems = []
    for pattern, what in ((PLACES, "a path of one machine"), (HOSTS, "a package registry")):
        for match in pattern.finditer(tree.text(name)):
            line = tree.text(name).count("\n", 0, match.start()) + 1
            problems.append(f"{name}:{line}: names {what}: {match[0].strip()}")
    return problems


def check(tree):
    problems = check_top(tree) + check_readmes(tree)
    for name in tree.files:
        if name.split("/")[-1] in LOCK_FILES:
            problems += check_lock(tree, name)
        # Fuzz inputs are bytes, not sentences of ours.
        if not name.endswith(BINARY) and not name.startswith("tests/fuzz/corpus/"):
            problems += check_words(tree, name)
    return problems
