"""docs/api: the pages show the examples that the test runs, and every public name has one.

An example is what stands in docs/api/examples/*.cpp between `// example: NAME, NAME` and `// end`; more lines and more pieces with
the same names belong together. A page shows it after `<!-- example: NAME -->`.
"""

import re
import textwrap

import headers

FOLDER = "docs/api"
PIECE = re.compile(r"((?:^[ \t]*// example: [^\n]*\n)+)(.*?)^[ \t]*// end\n", re.MULTILINE | re.DOTALL)
NAMES = re.compile(r"// example: (.*)")
SHOWN = re.compile(r"^<!-- example: (.+?) -->\n(?:```cpp\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
TEST = re.compile(r"^TEST(?:_F)?\((\w+), (\w+)\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)

# Public headers; of those that lie elsewhere, the names that programs use.
PUBLIC = ("actors/include/gossamer", "gateway/include/gossamer", "gateway/testing/include/gossamer")
INNER = {"detail.hpp", "emitting.hpp", "await.hpp"}
MORE = {
    "actors/socketio/args.hpp": {"args", "args_view"},
    "actors/socketio/json_codec.hpp": {"from_json", "to_json"},
    "actors/socketio/parser.hpp": {"parser", "message_list", "outgoing_packet", "incoming_packet", "msgpack_parser"},
    "gateway/http/compression.hpp": {"compression_options"},
    "gateway/http/cookie.hpp": {"cookie_options"},
    "gateway/http/cors.hpp": {"cors_options", "origin_policy"},
    "gateway/http/responder.hpp": {"routed_request", "responder"},
    "gateway/http/router.hpp": {"router"},
    "gateway/http/tls.hpp": {"tls_options", "tls_certificate"},
    "gateway/websocket/deflate_options.hpp": {"deflate_options"},
    "runtime/base/bytes.hpp": {"bytes"},
    "runtime/base/log.hpp": {"logger", "stderr_sink"},
}

# Names without an example, and why.
WITHOUT = {
    "nsp::ref": "inner: for gossamer's own templates",
    "nsp::core": "inner: for gossamer's own templates",
    "socket::ref": "inner: for gossamer's own templates",
    "admission::data": "inner: what admit(value) holds until the socket has it",
    "admission::data_type": "inner: what admit(value) holds until the socket has it",
    "task::await_ready": "co_await calls it",
    "task::await_suspend": "co_await calls it",
    "task::await_resume": "co_await calls it",
    "throw_exception_from_error": "outcome<T>::value() calls it",
    "event::name": "what it is made with",
    "room_names::names": "what it is made with",
    "router::choose": "the server calls it",
    "router::mount": "inner: the server mounts its engine by it",
    "router::unmount": "inner: the server mounts its engine by it",
    "router::default_body_bytes_max": "a constant, named on the page",
    "message_list::take": "the server calls it",
    "testing::world::configure": "as configure, in a world of one's own",
    "testing::event::name": "what a client gets",
    "testing::event::arguments": "what a client gets",
    "emit_event::name": "what it is made with",
    "emit_event::arguments": "what it is made with",
    "join_rooms::names": "what it is made with",
    "leave_rooms::names": "what it is made with",
}
# Classes with the methods of another one, which has the examples.
ALIKE = {"args_view": "args"}
# Examples that show no single name.
TOPICS = {"returning", "awaiting", "parameters", "types", "json_codec", "outcome", "event", "bytes", "responder", "task::task", "room_names"}


class example:
    def __init__(self, names, file):
        self.names, self.file, self.pieces = names, file, []

    def text(self):
        return "\n".join(self.pieces)


def examples(texts):
    """By each of their names."""
    found = {}
    for file, text in texts.items():
        for marks, body in PIECE.findall(text):
            names = [name.strip() for line in NAMES.findall(marks) for name in line.split(",")]
            one = found.get(names[0]) or example(names, file)
            one.pieces.append(textwrap.dedent(body))
            found.update((name, one) for name in names)
    return found


def required(root, text_of):
    """The public names, by the header that declares them."""
    names = {}
    paths = [path for folder in PUBLIC for path in sorted((root / folder).glob("*.hpp")) if path.name not in INNER]
    for path in paths + [root / name for name in MORE]:
        relative = str(path.relative_to(root))
        for name, owner in headers.public_names(text_of(relative)).items():
            if wanted(name, owner, MORE.get(relative)):
                names.setdefault(name, relative)
    return {name: header for name, header in names.items() if twin(name) not in names}


def twin(name):
    owner, _, last = name.partition("::")
    return f"{ALIKE[owner]}::{last}" if owner in ALIKE else None


def wanted(name, owner, only):
    if only is not None and (owner or name) not in only:
        return False
    parts = name.split("::")
    return parts[-1] not in parts[:-1] and "operator=" not in name and "operator args_view" not in name


def key(name):
    return re.sub(r"<.*>", "", name)


def last_of(name):
    return re.search(r"(?:^|::)(operator.*|\w+)$", key(name))[1]


def check_names(known, found):
    problems = [f"{name} ({known[name]}) has no example in {FOLDER}/examples" for name in known
                if name not in WITHOUT and name not in {key(one) for one in found}]
    problems += [f"{name}: is no public name any more, but stands in WITHOUT" for name in WITHOUT if name not in known]
    owners = {part for name in known for part in name.split("::")[:-1]}
    for name, one in found.items():
        is_class = set(name.split("::")) <= owners  # or its constructor
        if key(name) not in known and name not in TOPICS and not is_class:
            problems.append(f"{one.file}: {name} is no public name")
        word = last_of(name)
        if name not in TOPICS and re.match(r"\w+$", word) and not re.search(rf"\b{word}\b", one.text()):
            problems.append(f"{one.file}: the example of {name} does not use it")
    return problems


def check_tests(texts):
    problems = []
    for file, text in texts.items():
        for suite, name, body in TEST.findall(text):
            if "// example:" in body and not re.search(r"\b(?:EXPECT|ASSERT|expect)_", body):
                problems.append(f"{file}: {suite}.{name} shows an example but expects nothing")
    return problems


def check_pages(pages, found):
    problems, shown = [], {}
    for page, text in pages.items():
        spans = " ".join(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)))
        for name, block in SHOWN.findall(text):
            if name not in found:
                problems.append(f"{page}: no example of {name}")
                continue
            one = found[name]
            if block != one.text():
                problems.append(f"{page}: {name} is not as in {one.file}; run tests/readme/readme.py embed")
            shown[one.names[0]] = page
            problems += [f"{page}: says nothing about {each}" for each in one.names
                         if each not in TOPICS and not re.search(rf"(?<!\w){re.escape(last_of(each))}(?!\w)", spans)]
    problems += [f"{one.file}: no page shows {one.names[0]}" for name, one in found.items()
                 if name == one.names[0] and name not in shown]
    index = pages.get(f"{FOLDER}/README.md", "")
    return problems + [f"{FOLDER}/README.md: does not link to {page}" for page in pages
                       if f"({page.split('/')[-1]})" not in index and not page.endswith("README.md")]


def embedded(text, found):
    """The page with the examples as they are now."""
    def block(match):
        one = found.get(match[1])
        return f"<!-- example: {match[1]} -->\n```cpp\n{one.text()}```\n" if one else match[0]
    return SHOWN.sub(block, text)


def load(root):
    texts = {str(path.relative_to(root)): path.read_text() for path in sorted((root / FOLDER / "examples").glob("*.cpp"))}
    pages = {str(path.relative_to(root)): path.read_text() for path in sorted((root / FOLDER).glob("*.md"))}
    return texts, pages


def check(root, change=lambda name, text: text):
    """Problems; `change` may alter what a file contains, for the selftest."""
    texts, pages = load(root)
    texts = {name: change(name, text) for name, text in texts.items()}
    pages = {name: change(name, text) for name, text in pages.items()}
    found = examples(texts)
    known = required(root, lambda name: change(name, (root / name).read_text()))
    return check_names(known, found) + check_tests(texts) + check_pages(pages, found)


def embed(root):
    texts, pages = load(root)
    found = examples(texts)
    for name, text in pages.items():
        if embedded(text, found) != text:
            (root / name).write_text(embedded(text, found))
            print(f"{name}: written")
