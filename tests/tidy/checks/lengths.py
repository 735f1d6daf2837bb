"""Functions over 60 lines fail; files over 400 lines are named, for a reviewer to look at."""

import re

FUNCTION_MAX = 60
FILE_MAX = 400

RAW_STRING = re.compile(r'R"([^\s()\\]{0,16})\(.*?\)\1"', re.DOTALL)
NOISE = re.compile(
    r'//(?:\\\n|[^\n])*'
    r'|/\*.*?\*/'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
TYPE = re.compile(r"\b(class|struct|union|enum|namespace)\b")


def blank(match):
    """Keeps the line breaks of what it removes, so that lines keep their numbers."""
    return " " + "\n" * match[0].count("\n")


def bare(text):
    """The text without comments, literals and preprocessor lines, every line where it was."""
    for pattern in (RAW_STRING, NOISE, DIRECTIVE):
        text = pattern.sub(blank, text)
    return text


def kind(head):
    """What a brace opens, from the text since the last ; { or } before it."""
    head = re.sub(r"\btemplate\s*<[^{;]*?>\s*(?=class|struct|union)", "", head)
    head = re.sub(r"\[\[.*?\]\]|\balignas\([^)]*\)", "", head)
    head = re.sub(r"\b(?:BOOST|CAF)_[A-Z_]+\s*\([^()]*\)", "", head)  # declares, without a semicolon
    before_call = head.split("(", 1)[0]
    if TYPE.search(before_call) and "=" not in before_call and not re.search(r"\)\s*$", head):
        return "scope"
    if 'extern' in head and "(" not in head:
        return "scope"
    return "function" if "(" in head and not re.search(r"=\s*$", before_call) else "value"


def functions(text):
    """[(first line, lines, name)] of every function body, member functions included, lambdas not."""
    text = bare(text)
    found, stack, head_start, line = [], [], 0, 1
    for position, character in enumerate(text):
        if character == "\n":
            line += 1
        elif character == "{":
            inside = any(what == "function" for what, _, _ in stack)
            head = text[head_start:position]
            name = re.findall(r"([~\w:]+)\s*\(", head)
            stack.append(("block" if inside else kind(head), line, name[0] if name else "?"))
        elif character == "}" and stack:
            what, first, name = stack.pop()
            if what == "function":
                found.append((first, line - first + 1, name))
        if character in "{};":
            head_start = position + 1
    return found


def check(tree):
    problems = []
    for name in tree.named(".cpp", ".hpp", ".h"):
        text = tree.text(name)
        line_count = text.count("\n")
        if line_count > FILE_MAX:
            print(f"note: {name} has {line_count} lines; over {FILE_MAX} a reviewer asks for a cut")
        problems += [f"{name}:{first}: {function} has {lines} lines, at most {FUNCTION_MAX} are allowed"
                     for first, lines, function in functions(text) if lines > FUNCTION_MAX]
    return problems
