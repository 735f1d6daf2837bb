"""Whether what README.md names is there: files, scripts and their options, programs with expected answers."""

import posixpath
import re
import subprocess

import markdown

NUMBERS = re.compile(r"^<!-- numbers -->\n\n((?:\|.*\n)+)", re.MULTILINE)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# The rows of the table of numbers, and how the performance log calls them.
FIGURES = {
    "memory of an idle WebSocket": "idle WebSocket, 10,000",
    "CPU for an echo": "echo, 100 clients",
    "CPU for a delivery": "broadcast to 1,000, 32 in flight",
    "the same, 8 in flight": "broadcast to 1,000, 8 in flight",
    "fan-out alone": "fan-out without the write, room of 10,000",
}
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


def check_table_of_pages(root, files):
    """docs/README.md leads to every page of docs."""
    known = set(markdown.links((root / "docs/README.md").read_text()))
    pages = [name.removeprefix("docs/") for name in files if re.fullmatch(r"docs/(?:wire/)?[^/]+\.md", name)]
    return [f"docs/README.md: does not link to {page}" for page in pages if page not in known | {"README.md"}]


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


def check_program_options(text, root):
    """Options of the server program."""
    known = (root / "gateway/command_line.cpp").read_text()
    return [f"gossamer has no option {option}" for option in re.findall(r"`gossamer (--[a-z-]+)`", text)
            if f'"{option}"' not in known and option != "--help"]


def rows(table):
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines() if line.startswith("|")]


def check_numbers(text, root):
    """Each row's figures are those of the newest entry of the performance log that has them."""
    log = rows((root / "docs/performance-log.md").read_text())
    table = NUMBERS.search(text)
    if not table:
        return ["no table after <!-- numbers -->"]
    problems, named = [], set()
    for what, *cells in rows(table[1])[2:]:
        figure = next((figure for figure in FIGURES if what.startswith(figure)), None)
        measured = next((row[1] for row in log if figure and row[0].startswith(FIGURES[figure])), None)
        if measured is None:
            problems.append(f"numbers: the performance log does not know: {what}")
            continue
        named.add(figure)
        problems += check_row(what, cells, measured)
    return problems + [f"numbers: no row of {figure}" for figure in FIGURES if figure not in named]


def check_row(what, cells, measured):
    known = NUMBER.findall(measured)
    ours, theirs, ratio = (NUMBER.findall(cell)[:1] for cell in cells)
    problems = [f"numbers: {what}: {number} is not in the log: {measured}" for number in ours + theirs if number not in known]
    if ratio and ratio[0] not in known:
        quotient = float(theirs[0].replace(",", "")) / float(ours[0].replace(",", ""))
        if f"{quotient:.1f}" != ratio[0]:
            problems.append(f"numbers: {what}: {ratio[0]} is neither in the log nor {quotient:.1f}")
    return problems


def check(text, root, files):
    return (check_program_options(text, root) + check_numbers(text, root) + check_links(text, "README.md", files) + check_names(text, files) + check_commands(text, root, files) + check_run_options(text, root)
            + markdown.problems_of_marks(text))
