#!/usr/bin/env python3
"""Each check finds what it is there for: small trees, good and bad, in a temporary folder."""

import contextlib
import io
import os
import tempfile
import unittest
from pathlib import Path

HEADER = '// A word.\n#pragma once\n\nnamespace gossamer {\nint word();\n}  // namespace gossamer\n'
SOURCE = '#include "runtime/base/word.hpp"\n\nnamespace gossamer {\n\nint word() {\n  return 1;\n}\n\n}  // namespace gossamer\n'
ROOT = Path(__file__).parents[2]

GOOD = {
    "CMakeLists.txt": "",
    "CMakePresets.json": "{}",
    "README.md": "A tree.\n",
    "LICENSE": "MIT\n",
    "docs/page.md": "A page.\n",
    "deploy/go.sh": "#!/usr/bin/env bash\necho go\n",
    "examples/minimal/README.md": "Minimal.\n",
    "tests/CMakeLists.txt": "",
    "runtime/base/README.md": "Words.\n",
    "runtime/base/word.hpp": HEADER,
    "runtime/base/word.cpp": SOURCE,
    "actors/README.md": "Sockets.\n",
    "actors/socket.hpp": "// A socket.\n#pragma once\n\n#include \"runtime/base/word.hpp\"\n",
    "gateway/README.md": "All of it.\n",
    "gateway/main.cpp": "#include \"actors/socket.hpp\"\n",
}


class tidy(unittest.TestCase):
    def problems(self, check, changes=None, without=()):
        """What a check says about the good tree with some files changed."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**GOOD, **(changes or {})}.items():
                if name in without:
                    continue
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                if text.startswith("#!"):
                    path.chmod(0o755)
            for settings in (".clang-format", ".clang-tidy"):
                Path(folder, settings).write_text((ROOT / settings).read_text())
            with contextlib.redirect_stdout(io.StringIO()):
                return check(tree(folder))

    def expect(self, check, words, changes, without=()):
        self.assertEqual(self.problems(check), [])
        found = self.problems(check, changes, without)
        self.assertTrue(any(words in problem for problem in found), f"{words!r} not in {found}")

    # Each test below: the good tree has no problem, the change brings the named one.

    def test_format(self):
        self.expect(format.check, "runtime/base/word.cpp:1", {"runtime/base/word.cpp": "int  f( ){return 1 ;}\n"})

    def test_clang_tidy(self):
        self.expect(clang_tidy.check, "readability-identifier-naming",
                    {"runtime/base/word.cpp": "namespace gossamer {\nint WordCount = 1;\n}\n"})

    def test_clang_tidy_checks_again_when_a_header_changes(self):
        self.expect(clang_tidy.check, "readability-identifier-naming",
                    {"runtime/base/word.hpp": HEADER.replace("word()", "Word()"),
                     "runtime/base/word.cpp": SOURCE.replace("word()", "Word()")})

    def test_shellcheck(self):
        self.expect(shell.check, "SC2086", {"deploy/go.sh": "#!/usr/bin/env bash\necho $1\n"})

    def test_shellcheck_reads_scripts_without_ending(self):
        self.expect(shell.check, "SC2086", {".ci/run": "#!/bin/bash\necho $1\n"})

    def test_header_that_needs_another_one(self):
        self.expect(headers.check, "std::string",
                    {"runtime/base/word.hpp": "// W.\n#pragma once\nnamespace gossamer { std::string word(); }\n"})

    def test_header_without_guard(self):
        self.expect(headers.check, "redefinition", {"runtime/base/word.hpp": "struct word {};\n"})

    def test_layer_upwards(self):
        self.expect(layers.check, "runtime/base may not include actors/socket.hpp",
                    {"runtime/base/word.cpp": '#include "actors/socket.hpp"\n'})

    def test_layer_upwards_through_the_public_path(self):
        self.expect(layers.check, "actors may not include gossamer/server.hpp",
                    {"gateway/include/gossamer/server.hpp": "#pragma once\n",
                     "actors/socket.hpp": "#include <gossamer/server.hpp>\n"})

    def test_thread_in_a_pure_folder(self):
        self.expect(layers.check, "(thread)", {"runtime/directory/README.md": "D.\n",
                                               "runtime/directory/table.cpp": "#include <mutex>\n"})

    def test_clock_in_a_pure_folder(self):
        self.expect(layers.check, "asks no clock",
                    {"runtime/cluster/image.cpp": "auto t = std::chrono::steady_clock::now();\n"})

    def test_asio_in_a_pure_folder(self):
        self.expect(layers.check, "(asio)",
                    {"gateway/engineio/session.hpp": "#include <boost/asio/ip/tcp.hpp>\n"})

    def test_beast_streams_in_a_pure_folder(self):
        self.expect(layers.check, "(beast)",
                    {"gateway/websocket/frame.hpp": "#include <boost/beast/websocket.hpp>\n"})

    def test_caf_outside_its_files(self):
        self.expect(layers.check, "only files with _caf",
                    {"actors/rooms/room.cpp": "#include <caf/group.hpp>\n"})

    def test_caf_in_a_public_header(self):
        self.expect(layers.check, "shows caf",
                    {"actors/socket_caf.hpp": "#include <caf/actor.hpp>\n",
                     "actors/include/gossamer/socket.hpp": '#include "actors/socket_caf.hpp"\n'})

    def test_beast_in_a_public_header(self):
        self.expect(layers.check, "shows beast",
                    {"gateway/include/gossamer/http.hpp": "#include <boost/beast/http.hpp>\n"})

    def test_too_many_files_see_beast(self):
        files = {f"gateway/http/file_{n}.cpp": '#include "gateway/http/all.hpp"\n' for n in range(41)}
        self.expect(layers.check, "41 .cpp files see CAF or Beast",
                    {"gateway/http/all.hpp": "#include <boost/beast/http.hpp>\n", **files})

    def test_unknown_folder(self):
        self.expect(layers.check, "not in the table", {"runtime/misc/helper.cpp": "\n"})

    def test_include_of_nothing(self):
        self.expect(layers.check, "no such file", {"gateway/main.cpp": '#include "actors/nothing.hpp"\n'})

    def test_long_function(self):
        body = "  word();\n" * 60
        self.expect(lengths.check, "run has 62 lines", {"gateway/main.cpp": f"void run() {{\n{body}}}\n"})

    def test_long_member_function_after_confusing_text(self):
        body = "    if (x) { word('{', \"{\"); /* { */ }  // {\n" * 60
        text = f"namespace a {{\nstruct b final : c<d> {{\n  b(int x) : x_{{x}} {{}}\n  int e() const {{\n{body}  }}\n}};\n}}\n"
        self.expect(lengths.check, "e has 62 lines", {"gateway/main.cpp": text})

    def test_long_class_and_table_are_no_functions(self):
        members = "  int word() { return 1; }\n" * 100
        text = f"class a {{\n{members}}};\nconstexpr int b[] = {{\n{'  1,' * 3}\n" + "  1,\n" * 100 + "};\n"
        self.assertEqual(self.problems(lengths.check, {"gateway/main.cpp": text}), [])

    def test_stranger_on_the_top_level(self):
        self.expect(shape.check, "notes.txt", {"notes.txt": "\n"})

    def test_missing_on_the_top_level(self):
        self.expect(shape.check, "LICENSE: is missing", {}, without=("LICENSE",))

    def test_folder_without_readme(self):
        self.expect(shape.check, "actors: has no README.md", {}, without=("actors/README.md",))

    def test_lock_file_that_names_a_host(self):
        self.expect(shape.check, "resolved", {"tests/clients/package-lock.json": '{"resolved": "x"}'})

    def test_path_of_one_machine(self):
        self.expect(shape.check, "a path of one machine", {"docs/page.md": "See /" + "work/main/x.\n"})

    def test_registry_host(self):
        self.expect(shape.check, "a package registry", {"docs/page.md": "From registry." + "npmjs.org\n"})

    def test_parity_row_without_its_test(self):
        row = "| `path` | `path` | same | | `Words.AreSaid` |\n"
        test = {"tests/unit/words/word_test.cpp": "TEST(Words, AreSaid) {}\n"}
        self.assertEqual(self.problems(parity.check, {"docs/parity.md": row, **test}), [])
        for words, page in (("no test Words.AreSaid", row.replace("said", "sad")), ("no rows", ""),
                            ("needs a note", row.replace("same", "differs")),
                            ("'like' is none of", row.replace("same", "like"))):
            found = self.problems(parity.check, {"docs/parity.md": page, **({} if "no test" in words else test)})
            self.assertTrue(any(words in problem for problem in found), f"{words!r} not in {found}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as store:
        os.environ["XDG_CACHE_HOME"] = store  # nothing remembered from other runs
        from checks import clang_tidy, format, headers, layers, lengths, parity, shape, shell
        from checks.tree import tree
        unittest.main()
