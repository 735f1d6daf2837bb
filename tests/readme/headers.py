"""The public names of the headers: classes with their public members, free functions, enumerations.

A small reader of clang-formatted C++ declarations, not a compiler. It knows namespaces, classes, access, templates and bodies;
names in a namespace `detail` are nobody's business, names in `testing` keep it in front.
"""

import re

NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#(?:\\\n|[^\n])*',
                   re.DOTALL | re.MULTILINE)
TOKEN = re.compile(r"operator\s*(?:\(\)|\[\]|[^\s\w(]+|[\w:]+(?:\s*&)?)|\w+|::|->|\[\[.*?\]\]|[{}()<>;:,=~&*\[\]]|\S", re.DOTALL)
CLASS = ("class", "struct")


class reader:
    def __init__(self, text):
        self.tokens = TOKEN.findall(NOISE.sub(" ", text))
        self.at = 0
        self.found = {}  # key -> the class it is in, or ""

    def read(self):
        self.scope([], "", True)
        return self.found

    def scope(self, spaces, owner, public):
        """Declarations up to the closing brace; `owner` is the class they are in."""
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            if self.tokens[self.at] in ("public", "private", "protected") and self.tokens[self.at + 1] == ":":
                public = self.tokens[self.at] == "public"
                self.at += 2
                continue
            self.declaration(spaces, owner, public)
        self.at += 1

    def declaration(self, spaces, owner, public):
        head = self.head()
        end = self.tokens[self.at] if self.at < len(self.tokens) else ";"
        self.at += 1
        words = without_templates(head)
        if not words:
            return
        if words[0] == "namespace" and end == "{":
            inside = spaces + [name for name in words[1:] if name != "::"]
            return self.scope(inside, "", "detail" not in inside and "gossamer" in inside)
        kind = words[0]
        if kind in CLASS and end == "{" and "(" not in words:
            name = words[1]
            return self.scope(spaces, name if "<" not in words[1:3] else "", public and kind == "struct" if owner else kind == "struct"
                              ) if self.visible(spaces, owner, public) else self.skip()
        if kind == "enum":
            name = words[2] if words[1] == "class" else words[1]
            self.note(spaces, owner, public, name)
        elif kind not in ("using", "friend", "static_assert", "extern", "CAF_ALLOW_UNSAFE_MESSAGE_TYPE") and kind not in CLASS:
            self.note(spaces, owner, public, name_of(words))
        if end == "{":
            self.skip()
            if self.at < len(self.tokens) and self.tokens[self.at] == ";":
                self.at += 1

    def visible(self, spaces, owner, public):
        return "gossamer" in spaces and "detail" not in spaces and (public or not owner)

    def note(self, spaces, owner, public, name):
        if name and self.visible(spaces, owner, public) and not name.startswith("~"):
            if "testing" in spaces:
                name, owner = (f"{owner}::{name}" if owner else name), "testing"
            self.found[f"{owner}::{name}" if owner else name] = owner

    def head(self):
        """The tokens of a declaration up to its body or semicolon; values in braces are left out."""
        start, depth = self.at, 0
        head = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token in "([" and token:
                depth += 1
            elif token in ")]":
                depth -= 1
            elif depth == 0 and token in (";", "}"):
                return head
            elif depth == 0 and token == "{":
                if not self.is_value(head):
                    return head
                self.at += 1
                self.skip()
                continue
            elif depth == 0 and token == ":" and "(" in (words := without_templates(head)) and words[0] not in CLASS:
                self.initializers()
                return head
            if not token.startswith("[["):
                head.append(token)
            self.at += 1
        return self.tokens[start:]

    def initializers(self):
        """Skips `a_(x), b_{y}` of a constructor, up to the brace of its body."""
        while self.tokens[self.at] != "{" or self.tokens[self.at - 1] not in (")", "}"):
            if self.tokens[self.at] in "({":
                self.at += 1
                self.skip("()" if self.tokens[self.at - 1] == "(" else "{}")
            else:
                self.at += 1

    @staticmethod
    def is_value(head):
        """A brace after `x = ` or after the name of a member is its value, not a body."""
        words = without_templates(head)
        if not words or words[0] in ("namespace", "enum", *CLASS):
            return False
        before = words[: words.index("(")] if "(" in words else words
        return "=" in before or "(" not in words

    def skip(self, pair="{}"):
        depth = 1
        while self.at < len(self.tokens) and depth > 0:
            depth += (self.tokens[self.at] == pair[0]) - (self.tokens[self.at] == pair[1])
            self.at += 1


def without_templates(head):
    """Without `template <...>` in front and without what stands in angle brackets."""
    words, depth, position = [], 0, 0
    while position < len(head):
        token = head[position]
        if token == "template":
            position += 1
            continue
        if token == "<" and (words or head[max(position - 1, 0)] == "template" or not words):
            depth += 1
        elif token == ">" and depth > 0:
            depth -= 1
        elif token == "->" or depth == 0:
            words.append(token)
        position += 1
    if "decltype" in words:
        del words[: words.index("decltype") + 4]  # decltype(auto)
    while words and words[0] in ("explicit", "static", "inline", "constexpr", "virtual", "mutable"):
        words.pop(0)
    return words


def name_of(words):
    """The function or variable that is declared."""
    before = words
    for stop in ("(", "="):
        if stop in before:
            before = before[: before.index(stop)]
    names = [word for word in before if re.match(r"operator|~?\w+$", word)]
    if not names or len(before) > 1 and before[-2] == "~":
        return ""
    if "delete" in words[-1:] or "::" in before[-2:-1]:
        return ""
    return re.sub(r"\s+", " ", names[-1])


def public_names(text):
    return reader(text).read()
