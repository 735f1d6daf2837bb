"""Starts the gossamer program as an operator would, and reads what it says.

GOSSAMER_PROGRAM is its path. Ports are the kernel's choice.
"""
import http.client
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from urllib.parse import urlsplit

PATIENCE_S = 60


def environment(**changes):
    """This process's environment without variables of the program's, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith('GOSSAMER_')}
    return kept | changes


def path():
    return os.environ['GOSSAMER_PROGRAM']


def run(*arguments, **variables):
    """A run that ends by itself."""
    return subprocess.run([path(), *arguments], env=environment(**variables), capture_output=True,
                          text=True, timeout=PATIENCE_S, check=False)


class Running:
    """A server, until the end of the with block; `lines` is what it logs."""

    def __init__(self, *arguments, addresses=1, **variables):
        self.lines = []
        self.changed = threading.Condition()
        self.process = subprocess.Popen([path(), *arguments], env=environment(**variables), text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.urls = []
        for line in self.process.stdout:
            self.urls += re.findall(r'^listening (\S+)$', line)
            if len(self.urls) == addresses:
                break
        else:
            self.end()
            raise RuntimeError('it did not start:\n' + ''.join(self.lines))

    def read_log(self):
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()

    def line(self, pattern):
        """The first line of the log that matches, as soon as it is there."""
        def found():
            return next((line for line in self.lines if re.search(pattern, line)), None)
        with self.changed:
            if not self.changed.wait_for(lambda: found() is not None, PATIENCE_S):
                raise AssertionError(f'no line with {pattern}:\n' + ''.join(self.lines))
            return found()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.end()

    def end(self):
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.reader.join(PATIENCE_S)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.end()

    def connect(self, which=0):
        at = urlsplit(self.urls[which])
        return http.client.HTTPConnection(at.hostname, at.port, timeout=PATIENCE_S)

    def ask(self, target, method='GET', body=None, which=0, **headers):
        connection = self.connect(which)
        named = {name.replace('_', '-'): value for name, value in headers.items()}
        connection.request(method, target, body, named)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content


POLLING = '/socket.io/?EIO=4&transport=polling'


def open_session(server):
    """A polling session; gives the target of its requests."""
    _, content = server.ask(POLLING)
    sid = re.search(rb'"sid":"([^"]+)"', content).group(1).decode()
    return f'{POLLING}&sid={sid}'


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def file(self, name, text):
        made = self.folder / name
        made.write_text(text, encoding='utf-8')
        return str(made)

    def refused(self, *arguments, code=2, **variables):
        """What it says about a mistake; stdout stays empty."""
        ended = run(*arguments, **variables)
        self.assertEqual(ended.returncode, code, ended.stderr)
        self.assertEqual(ended.stdout, '')
        return ended.stderr


def wait_until(holds):
    """Asks again and again; the condition has no event of its own."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            raise AssertionError('it did not come true')
        os.sched_yield()
