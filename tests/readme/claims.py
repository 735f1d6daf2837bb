"""Whether what README.md names is there: files, scripts and their options, programs with expected answers."""

import posixpath
import re
import subprocess

import markdown

SCRIPT_OPTION = re.compile(r"`(--[a-z-]+)(?: [A-Z]+)?`")


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            cwd=root, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (root / name).exists()]


def with_folders(files):
    known = set(files)
    for name in files:
        parts = name.split("/")
        known.update("/".join(parts[:i]) for i in range(1, len(parts)))
    return known


def check_links(text, page, files):
    known = with_folders(files)
    return [f"{page}: link to {target}, which is not there" for target in markdown.links(text)
            if posixpath.normpath(posixpath.join(posixpath.dirname(page), target)) not in known]


def check_names(text, files):
    known = with_folders(files)
    tops = {name.split("/")[0] for name in files}
    return [f"names {path}, which is not there" for path in markdown.named_files(text, tops)
            if path.rstrip("/") not in known]


def check_other_pages(root, files):
    """Links of all the other pages of the tree."""
    pages = [name for name in files if name.endswith(".md") and name != "README.md"]
    return [problem for page in pages for problem in check_links((root / page).read_text(), page, files)]


def check_commands(text, root, files):
    problems = []
    for words in markdown.commands(text):
        script = words[0].removeprefix("./")
        if script not in files:
            problems.append(f"command {' '.join(words)}: no such script")
        elif not (root / script).stat().st_mode & 0o100:
            problems.append(f"command {' '.join(words)}: not executable")
        else:
            problems += missing_options(words[1:], script, root)
    return problems


def missing_options(words, script, root):
    known = (root / script).read_text()
    return [f"{script} has no option {word}" for word in words
            if word.startswith("--") and not re.search(rf"^\s*{re.escape(word)}\)", known, re.MULTILINE)]


def check_run_options(text, root):
    """The options of tests/run.sh that the text speaks of."""
    sentences = [line for line in text.splitlines() if "run.sh" in line]
    named = [option for line in sentences for option in SCRIPT_OPTION.findall(line)]
    return missing_options(named, "tests/run.sh", root)


def check(text, root, files):
    return (check_links(text, "README.md", files) + check_names(text, files) + check_commands(text, root, files) + check_run_options(text, root)
            + markdown.problems_of_marks(text))
