"""docs/parity.md: every row has a known state, and the test that it names exists."""

import re

STATES = {"same", "differs", "out"}
UNIT = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)")


def check(files):
    page = files.root / "docs/parity.md"
    if not page.is_file():
        return ["docs/parity.md: is missing"]
    known = unit_tests(files)
    problems = []
    rows = 0
    for number, line in enumerate(page.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 5 or cells[0] == "Node" or set(cells[0]) <= set("- |"):
            if line.startswith("| ") and not line.startswith(("| Node", "| ---")):
                problems.append(f"docs/parity.md:{number}: a row needs five cells")
            continue
        rows += 1
        fault = fault_of(files, known, cells)
        if fault:
            problems.append(f"docs/parity.md:{number}: {fault}")
    if rows == 0:
        problems.append("docs/parity.md: no rows")
    return problems


def fault_of(files, known, cells):
    state, note, tests = cells[2], cells[3], cells[4]
    if state not in STATES:
        return f"'{state}' is none of {', '.join(sorted(STATES))}"
    if state in ("differs", "out") and not note:
        return f"'{state}' needs a note that says why"
    if tests in ("", "-"):
        return "needs a test" if state != "out" else None
    faults = [missing(files, known, test.strip().strip("`")) for test in tests.split("`, `")]
    return next((fault for fault in faults if fault), None)


def missing(files, known, test):
    if ": " not in test:
        return None if test in known else f"no test {test}"
    name, title = test.split(": ", 1)
    script = files.root / "tests/clients" / name
    if not script.is_file():
        return f"no file tests/clients/{name}"
    return None if title in script.read_text() else f"no test '{title}' in {name}"


def unit_tests(files):
    found = set()
    for path in files.root.glob("tests/unit/**/*.cpp"):
        for suite, name in UNIT.findall(path.read_text()):
            found.add(f"{suite}.{name}")
    return found
