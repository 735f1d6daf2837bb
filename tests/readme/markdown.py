"""What README.md contains: links, names of files, shell commands, programs with the answers they print."""

import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARKED = re.compile(r"^<!-- (file|output): (\S+?)(?:, talks to (\S+))? -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"^<!-- (?:file|output):", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")


@dataclass
class program:
    """One file of the page; `server` is set for a client, with the lines that it prints."""

    name: str
    text: str
    server: str = ""
    prints: list = field(default_factory=list)


def programs(text):
    found = {}
    for kind, name, server, content in MARKED.findall(text):
        if kind == "file":
            found[name] = program(name, content, server)
        elif name in found:
            found[name].prints = content.splitlines()
    return found


def problems_of_marks(text):
    """A mark without its block, or a client without an answer to compare, would be tested by nobody."""
    found = programs(text)
    problems = []
    if len(MARK.findall(text)) != len(MARKED.findall(text)):
        problems.append("a <!-- file: --> or <!-- output: --> has no block right after it")
    for one in found.values():
        if one.server and one.server not in found:
            problems.append(f"{one.name} talks to {one.server}, which is not on the page")
        if one.name.endswith(".mjs") and not (one.server and one.prints):
            problems.append(f"{one.name}: no server to talk to, or no output to compare")
    if not any(name.endswith(".cpp") for name in found):
        problems.append("no C++ program on the page")
    return problems


def links(text):
    """Relative links, without the part after #."""
    targets = [target.split("#")[0] for target in LINK.findall(FENCE.sub("", text))]
    return [target for target in targets if target and "://" not in target]


def named_files(text, tops):
    """Paths in backticks that begin with a folder of the top level."""
    quoted = QUOTED.findall(FENCE.sub("", text))
    return [one for one in quoted if one.split("/")[0] in tops and "/" in one and " " not in one]


def commands(text):
    """The lines of shell blocks, without comments, word by word."""
    lines = [line for kind, block in FENCE.findall(text) if kind == "sh" for line in block.splitlines()]
    return [words for words in (line.split("#")[0].split() for line in lines) if words]
