"""deploy/quickstart.sh: its options, the order of its steps, what it says.

The script runs in a folder of its own, where its tools are replaced by ones that write down how they were called; the
program that they "build" listens on the port. The real build is what every other test stands on.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import unittest

from program import PATIENCE_S, Case

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / 'deploy' / 'quickstart.sh'

CMAKE = '''#!/usr/bin/env bash
echo "cmake $*" >> steps
case "$*" in
  *"--target help"*) echo "gossamer: phony" ;;
  *"--build"*)
    if [[ -e fails ]]; then echo "x.cpp:1: error: no"; exit 1; fi
    mkdir -p build/quickstart/gateway && cp program build/quickstart/gateway/gossamer ;;
esac
'''
PROGRAM = '''#!/usr/bin/env python3
import socket, sys
with open('steps', 'a') as steps: steps.write('gossamer ' + ' '.join(sys.argv[1:]) + '\\n')
with socket.socket() as held:
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(('127.0.0.1', int(sys.argv[2])))
    held.listen()
    while True: held.accept()
'''


def free_port():
    with socket.socket() as held:
        held.bind(('127.0.0.1', 0))
        return held.getsockname()[1]


class Quickstart(Case):
    def setUp(self):
        super().setUp()
        for folder in ('deploy/client', 'examples/chat/web', 'tools'):
            (self.folder / folder).mkdir(parents=True)
        shutil.copy(SCRIPT, self.folder / 'deploy')
        self.tool('deploy/install-deps.sh', '#!/bin/sh\necho "install-deps $*" >> steps\n')
        self.tool('deploy/client/fetch.sh', '#!/bin/sh\necho "fetch $*" >> steps\n')
        self.tool('tools/cmake', CMAKE)
        self.tool('program', PROGRAM)

    def tool(self, name, text):
        made = self.folder / name
        made.write_text(text, encoding='utf-8')
        made.chmod(made.stat().st_mode | stat.S_IXUSR)

    def start(self, *arguments):
        path = f"{self.folder / 'tools'}:{os.environ['PATH']}"
        return subprocess.Popen([self.folder / 'deploy' / 'quickstart.sh', *arguments], cwd='/', text=True,
                                env=os.environ | {'PATH': path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True)

    def run_to_end(self, *arguments):
        started = self.start(*arguments)
        output, errors = started.communicate(timeout=PATIENCE_S)
        return started.returncode, output, errors

    def steps(self):
        return (self.folder / 'steps').read_text(encoding='utf-8').splitlines()

    def test_installs_fetches_builds_starts_and_says_where_the_chat_is(self):
        port = free_port()
        started = self.start('--port', str(port))
        try:
            said = next(line for line in started.stdout if 'the chat is at' in line)
        finally:
            os.killpg(started.pid, signal.SIGTERM)
            started.communicate(timeout=PATIENCE_S)
        self.assertIn(f'http://localhost:{port} ', said)
        steps = self.steps()
        self.assertEqual([line.split()[0] for line in steps],
                         ['install-deps', 'fetch', 'cmake', 'cmake', 'cmake', 'gossamer'])
        self.assertEqual(steps[-1], f'gossamer --port {port} --client-dir build/client --web-dir examples/chat/web')

    def test_only_builds_if_told_so(self):
        code, output, _ = self.run_to_end('--build-only')
        self.assertEqual(code, 0)
        self.assertIn('built build/quickstart/gateway/gossamer', output)
        self.assertNotIn('gossamer', [line.split()[0] for line in self.steps()])

    def test_shows_why_the_build_failed(self):
        (self.folder / 'fails').touch()
        code, _, errors = self.run_to_end('--build-only')
        self.assertEqual(code, 1)
        self.assertIn('x.cpp:1: error: no', errors)
        self.assertIn('quickstart: the build failed', errors)

    def test_refuses_what_it_does_not_know_before_it_does_anything(self):
        for arguments in (['--prot', '1'], ['--port'], ['--port', '0'], ['--port', '65536'], ['--port=x']):
            code, _, errors = self.run_to_end(*arguments)
            self.assertEqual(code, 1, arguments)
            self.assertTrue(re.search(r'^quickstart: ', errors, re.M), errors)
        self.assertFalse((self.folder / 'steps').exists())
        code, output, _ = self.run_to_end('--help')
        self.assertEqual(code, 0)
        self.assertIn('--build-only', output)


if __name__ == '__main__':
    unittest.main(verbosity=2)
