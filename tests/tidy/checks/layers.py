"""Who may include whom: the folder table of docs/architecture.md, read off the #include lines."""

import re

from .tree import CODE

# What a folder may include of ours ("..." = all folders listed before it) and of others. A pure folder
# knows no socket, clock, thread, Asio or CAF type; its `others` are the only ones of RESTRICTED it sees.
TABLE = {
    "runtime/base": ((), ()),
    "runtime/membership": (("runtime/base",), ()),
    "runtime/directory": (("runtime/base",), ()),
    "runtime/cluster": (("runtime/base", "runtime/membership", "runtime/directory"), ("cereal",)),
    "runtime/lanes": (("runtime/base",), ("asio", "caf", "thread")),
    "runtime/links": ("...", ("asio", "caf", "thread", "openssl", "cereal")),
    "runtime/redis": (("runtime/base", "runtime/cluster", "runtime/lanes"),
                      ("asio", "hiredis", "msgpack", "thread")),
    "actors/ports": (("runtime/base",), ()),
    "actors/socketio": (("runtime/base",), ("json", "msgpack")),
    "actors/rooms": (("runtime/base", "runtime/lanes", "actors/ports"), ("caf", "thread")),
    "actors": ("...", ("asio", "caf", "json", "msgpack", "thread")),
    "gateway/engineio": (("runtime/base", "actors/ports"), ("beast/zlib",)),
    "gateway/websocket": (("runtime/base", "actors/ports"), ("compression", "digest")),
    "gateway/http": (("runtime/base", "runtime/lanes", "actors/ports"),
                     ("asio", "beast", "openssl", "json", "compression", "thread")),
    "gateway/transport": (("runtime/base", "runtime/lanes", "actors/ports", "gateway/http",
                           "gateway/engineio", "gateway/websocket"),
                          ("asio", "beast", "openssl", "json", "thread")),
    "gateway/ops": ("...", ("asio", "beast", "openssl", "json", "prometheus", "thread")),
    "gateway": ("...", ("asio", "beast", "openssl", "json", "thread", "programs")),
    "gateway/testing": ("...", ("json", "thread")),
}
PURE = ("runtime/membership", "runtime/directory", "runtime/cluster", "actors/socketio",
        "gateway/engineio", "gateway/websocket")

# Names of others that not every folder may include: the first that matches counts.
RESTRICTED = [
    ("beast/zlib", re.compile(r"boost/beast/zlib(/|\.hpp$)")),
    ("beast", re.compile(r"boost/beast")),
    ("asio", re.compile(r"boost/asio")),
    ("caf", re.compile(r"caf/")),
    ("json", re.compile(r"boost/json")),
    ("cereal", re.compile(r"cereal/")),
    ("hiredis", re.compile(r"hiredis/")),
    ("msgpack", re.compile(r"msgpack")),
    ("digest", re.compile(r"openssl/sha\.h$")),  # a pure function; the handshake needs SHA-1
    ("openssl", re.compile(r"openssl/")),
    ("compression", re.compile(r"(zlib\.h|brotli/)")),
    ("prometheus", re.compile(r"prometheus/")),
    ("programs", re.compile(r"(CLI/|toml\+\+/|spdlog/)")),
    ("thread", re.compile(r"(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch"
                          r"|barrier|sys/socket\.h|sys/epoll\.h|unistd\.h)$")),
]

PART_OF = {"beast/zlib": "beast", "digest": "openssl"}

# CAF is extended in files with _caf in their name, and nowhere else included but here.
CAF_ALLOWED = {"actors/include/gossamer/actors.hpp"}
# The server program serves the chat example; nothing else looks below the table.
EXCEPTIONS = {("gateway/main.cpp", "examples/chat/chat_app.hpp")}
HEAVY_MAX = 40  # such a .cpp file costs 8 to 80 s to compile
CLOCK = re.compile(r"\b\w*clock::now\s*\(|\b(?:std::)?time\s*\(\s*(?:nullptr|NULL|0)\s*\)")


def folder_of(name):
    """The row of the table that a file belongs to: the longest one that is a prefix of its path."""
    folder = name.rsplit("/", 1)[0].replace("/include/gossamer", "")
    return folder if folder in TABLE else None


def allowed(folder):
    ours, others = TABLE[folder]
    if ours == "...":
        ours = tuple(list(TABLE)[: list(TABLE).index(folder)])
    return {folder, *ours}, set(others)


def restricted(what):
    return next((group for group, pattern in RESTRICTED if pattern.match(what)), None)


def heavy(tree, name):
    """Whether a file sees CAF or Beast, also through headers of ours."""
    return any(restricted(what) in ("caf", "beast", "beast/zlib") for what in tree.outside(name))


def check_file(tree, name):
    folder = folder_of(name)
    if folder is None:
        return [f"{name}: its folder is not in the table of docs/architecture.md"]
    ours, others = allowed(folder)
    problems = []
    for line, _, what in tree.includes(name):
        found = tree.resolve(name, what)
        if found:
            target = folder_of(found) or found.split("/")[0]
            if target not in ours and (name, what) not in EXCEPTIONS:
                problems.append(f"{name}:{line}: {folder} may not include {what} (of {target})")
        elif what.startswith(tuple(f"{top}/" for top in (*CODE, "gossamer"))):
            problems.append(f"{name}:{line}: no such file: {what}")
        else:
            group = restricted(what)
            if group and not {group, PART_OF.get(group)} & others:
                problems.append(f"{name}:{line}: {folder} may not include <{what}> ({group})")
            if group == "caf" and "_caf" not in name.split("/")[-1] and name not in CAF_ALLOWED:
                problems.append(f"{name}:{line}: only files with _caf in their name include CAF")
    return problems


def check_clock(tree, name):
    if folder_of(name) not in PURE:
        return []
    return [f"{name}: a pure folder asks no clock ({m[0].strip()}...); time is an argument"
            for m in CLOCK.finditer(tree.text(name))]


def check_public(tree):
    """Headers of embedding programs name no Beast type, and only actors.hpp brings CAF."""
    problems = []
    for name in tree.named(".hpp", below=CODE):
        if "/include/gossamer/" not in name:
            continue
        groups = {restricted(what) for what in tree.outside(name)}
        banned = {"beast"} if name in CAF_ALLOWED else {"beast", "caf"}
        problems += [f"{name}: a public header shows {group} to the program that includes it"
                     for group in sorted(groups & banned)]
    return problems


def check_heavy(tree):
    sources = [name for name in tree.named(".cpp", below=CODE) if heavy(tree, name)]
    print(f"{len(sources)} of at most {HEAVY_MAX} .cpp files see CAF or Beast")
    if len(sources) <= HEAVY_MAX:
        return []
    return [f"{len(sources)} .cpp files see CAF or Beast, at most {HEAVY_MAX} may: {' '.join(sources)}"]


def check(tree):
    problems = []
    for name in tree.named(".hpp", ".cpp", ".h", ".cc", below=CODE):
        problems += check_file(tree, name) + check_clock(tree, name)
    return problems + check_public(tree) + check_heavy(tree)
