"""Builds the programs of README.md with its own CMakeLists.txt, runs them, and talks to them with its clients."""

import os
import re
import signal
import subprocess
import threading
import time

import markdown

PORT = "3000"  # in the text; here the kernel chooses
SECONDS = 60


def write(found, root, folder):
    folder.mkdir(parents=True, exist_ok=True)
    cmake = found["CMakeLists.txt"].text
    for one in found.values():
        text = one.text
        if one.name.endswith(".cpp"):
            if f".port = {PORT}" not in text:
                raise AssertionError(f"{one.name}: does not listen on {PORT}")
            text = text.replace(f".port = {PORT}", ".port = 0")
            target = one.name.removesuffix(".cpp")
            if f"add_executable({target} " not in cmake:
                cmake += (f"add_executable({target} {one.name})\n"
                          f"target_link_libraries({target} PRIVATE gossamer::gossamer)\n")
        (folder / one.name).write_text(text)
    (folder / "CMakeLists.txt").write_text(cmake)
    modules = folder / "node_modules"
    if not modules.is_symlink():
        modules.symlink_to(root / "tests/clients/node_modules")


def run(what, command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{what} failed:\n{done.stdout}{done.stderr}")


def build(folder, settings):
    run("configure", ["cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build", *settings])
    run("build", ["cmake", "--build", folder / "build", "-j", "2"])


class running:
    """A process and its lines; killed if it does not end in time."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, enough):
        until = time.monotonic() + SECONDS
        while not enough(self.lines) and self.process.poll() is None and time.monotonic() < until:
            self.reader.join(0.05)
        return enough(self.lines)

    def end(self, with_signal):
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"does not end: {self.process.args}") from None
        self.reader.join(SECONDS)
        return code


def port_of(lines):
    found = [match for line in lines if (match := re.fullmatch(r"listening http://\S+:(\d+)", line))]
    return found[0][1] if found else None


def talk(client, folder):
    """Runs the server of a client and the client; both must do what the page says."""
    server = running([str(folder / "build" / client.server.removesuffix(".cpp"))], folder)
    try:
        if not server.wait_for(port_of):
            raise AssertionError(f"{client.server} does not listen: {server.lines}")
        script = folder / f"run-{client.name}"
        script.write_text(client.text.replace(f"localhost:{PORT}", f"localhost:{port_of(server.lines)}"))
        compare(client, running([os.environ.get("NODE", "node"), str(script)], folder))
    finally:
        code = server.end(signal.SIGTERM)
    if code != 0 or len(server.lines) != 1:
        raise AssertionError(f"{client.server} ended with {code} and said {server.lines}")


def compare(client, process):
    complete = process.wait_for(lambda lines: len(lines) >= len(client.prints))
    process.end(signal.SIGKILL)
    if not complete or sorted(process.lines) != sorted(client.prints):
        raise AssertionError(f"{client.name} printed\n  " + "\n  ".join(process.lines) + "\ninstead of\n  "
                             + "\n  ".join(client.prints))


def check(text, root, folder, settings):
    found = markdown.programs(text)
    write(found, root, folder)
    build(folder, settings)
    clients = [one for one in found.values() if one.server]
    for client in clients:
        talk(client, folder)
        print(f"{client.name} and {client.server}: as on the page")
    if not clients:
        raise AssertionError("no client on the page")
