"""The program as it runs: addresses, log, descriptors, files, and how it ends."""
import base64
import gzip
import json
import pathlib
import re
import resource
import signal
import socket
import unittest

from program import POLLING, Case, Running, open_session, run


class Addresses(Case):
    def test_listens_on_all_of_them(self):
        path = self.folder / 'socket'
        with Running('--listen', '127.0.0.1:0', '--listen', '[::1]:0', '--listen', f'unix:{path}',
                     addresses=3) as server:
            self.assertEqual([url.split(':')[0] for url in server.urls], ['http', 'http', 'unix'])
            for which in (0, 1):
                self.assertEqual(server.ask(POLLING, which=which)[0].status, 200)
            with socket.socket(socket.AF_UNIX) as local:
                local.connect(str(path))
                local.sendall(b'GET ' + POLLING.encode() + b' HTTP/1.1\r\nHost: x\r\n\r\n')
                self.assertTrue(local.recv(100).startswith(b'HTTP/1.1 200 '))
            self.assertEqual(server.stop(), 0)
        self.assertFalse(path.exists())

    def test_the_environment_separates_them_by_commas(self):
        with Running(GOSSAMER_LISTEN='127.0.0.1:0,127.0.0.1:0', addresses=2) as server:
            self.assertEqual(server.stop(), 0)


class Operators(Case):
    @staticmethod
    def ask(path, target):
        with socket.socket(socket.AF_UNIX) as local:
            local.connect(str(path))
            local.sendall(f'GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'.encode())
            answer = b''
            while more := local.recv(65536):
                answer += more
        return answer.decode()

    def test_have_an_address_of_their_own(self):
        path = self.folder / 'ops'
        with Running('--listen', '127.0.0.1:0', '--ops-listen', f'unix:{path}') as server:
            open_session(server)
            health = self.ask(path, '/healthz')
            self.assertTrue(health.startswith('HTTP/1.1 200 '), health)
            self.assertTrue(health.endswith('{"status":"ok"}'), health)
            self.assertIn('\ngossamer_sessions{transport="polling"} 1\n', self.ask(path, '/metrics'))
            self.assertTrue(self.ask(path, POLLING).startswith('HTTP/1.1 404 '))
            self.assertNotEqual(server.ask('/metrics')[0].status, 200)
            self.assertEqual(server.stop(), 0)
        self.assertFalse(path.exists())

    def test_may_have_none(self):
        with Running('--listen', '127.0.0.1:0', '--ops-listen', '') as server:
            self.assertEqual(server.stop(), 0)
            listening = [line for line in server.lines if 'listening address=' in line]
            self.assertEqual(len(listening), 1, listening)

    def test_are_worth_a_start_only_where_somebody_has_said_so(self):
        with socket.socket() as holder:
            holder.bind(('127.0.0.1', 0))
            holder.listen()
            told = run('--listen', '127.0.0.1:0', '--ops-listen', f'127.0.0.1:{holder.getsockname()[1]}')
            self.assertEqual(told.returncode, 1)
            self.assertIn('for operators: Address already in use', told.stderr)
        with socket.socket() as holder:
            try:
                holder.bind(('127.0.0.1', 9464))
                holder.listen()
            except OSError:
                pass  # in use already
            with Running('--listen', '127.0.0.1:0') as server:
                server.line('cannot listen on 127.0.0.1:9464 for operators')
                self.assertEqual(server.stop(), 0)


class Clients(Case):
    @staticmethod
    def join(server):
        """What the server says to a client that joins the main namespace."""
        session = open_session(server)
        server.ask(session, 'POST', '40')
        return server.ask(session)

    def test_get_a_private_id_where_they_can_come_back(self):
        with Running('--listen', '127.0.0.1:0', '--connection-state-recovery') as server:
            self.assertIn(b'"pid":"', self.join(server)[1])
            self.assertEqual(server.stop(), 0)
        with Running('--listen', '127.0.0.1:0') as server:
            answer = self.join(server)[1]
            self.assertTrue(answer.startswith(b'40{"sid":"'), answer)
            self.assertNotIn(b'pid', answer)
            self.assertEqual(server.stop(), 0)

    def test_of_another_parser_are_closed(self):
        with Running('--listen', '127.0.0.1:0', '--parser', 'msgpack') as server:
            self.assertTrue(self.join(server)[1].endswith(b'1'))  # the close packet
            session = open_session(server)
            connect = b'\x82\xa4type\x00\xa3nsp\xa1/'
            server.ask(session, 'POST', b'b' + base64.b64encode(connect))
            answer = server.ask(session)[1].split(b'\x1e')[0]
            packet = base64.b64decode(answer[1:])
            self.assertTrue(packet.startswith(b'\x83\xa4type\x00\xa4data\x82\xa3sid\xb4'), packet)
            self.assertEqual(server.stop(), 0)


class Ends(Case):
    def test_with_0_after_sigterm_and_sigint(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with Running('--listen', '127.0.0.1:0') as server:
                self.assertEqual(server.stop(how), 0)
                self.assertIn('stopped clean=true', server.lines[-1])

    def test_after_what_is_under_way_has_its_answer(self):
        with Running('--listen', '127.0.0.1:0') as server:
            target = open_session(server)
            waiting = server.connect()
            waiting.request('GET', target)
            idle = server.connect()
            idle.connect()
            # Of the same client after the poll: when it is answered, the poll waits.
            self.assertEqual(server.ask(target, 'POST', '40')[1], b'ok')
            self.assertIn(b'40{', waiting.getresponse().read())
            waiting.request('GET', target)
            self.assertEqual(server.ask(target, 'POST', '3')[1], b'ok')
            self.assertEqual(server.stop(), 0)
            self.assertEqual(waiting.getresponse().read(), b'1')
            self.assertIn('stopped clean=true', server.lines[-1])
            waiting.close()
            idle.close()


class Log(Case):
    def closes_of(self, *arguments):
        """The lines about the end of three sessions."""
        with Running('--listen', '127.0.0.1:0', '--log-level', 'debug', '--ping-interval', '100', '--ping-timeout',
                     '100', *arguments) as server:
            by_client = open_session(server)
            self.assertEqual(server.ask(by_client, 'POST', '1')[1], b'ok')
            by_garbage = open_session(server)
            server.ask(by_garbage, 'POST', 'x')
            open_session(server)
            server.line('reason=ping_timeout')
            self.assertEqual(server.stop(), 0)
            return server.lines, [line for line in server.lines if 'session closed' in line]

    def test_gives_a_reason_for_each_close(self):
        _, closes = self.closes_of()
        reasons = re.findall(r' debug session closed sid=\S{20} reason=(\w+) transport=polling\n', ''.join(closes))
        self.assertEqual(sorted(reasons), ['bad_packet', 'client_closed', 'ping_timeout'])

    def test_is_json_if_that_is_wanted(self):
        lines, closes = self.closes_of('--log-format', 'json')
        for line in lines:
            said = json.loads(line)
            self.assertEqual(list(said), ['time', 'level', 'message'])
            self.assertRegex(said['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
        self.assertEqual(len(closes), 3)
        for line in closes:
            self.assertRegex(json.loads(line)['message'], 'reason=[a-z_]+')

    def test_tells_the_descriptors_it_has(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with Running('--listen', '127.0.0.1:0') as server:
            said = re.search(r'fd limit=(\d+) was=\d+ hard=(\d+)', server.line('fd limit='))
            limits = pathlib.Path(f'/proc/{server.process.pid}/limits').read_text(encoding='ascii')
            soft = re.search(r'Max open files +(\d+)', limits).group(1)
            self.assertEqual(said.groups(), (soft, str(hard)))
            self.assertEqual(server.stop(), 0)


class Files(Case):
    """`/socket.io/socket.io.js` and the pages of a folder. The bundles themselves: tests/clients."""

    def test_have_etags_and_compression(self):
        text = 'console.log("a client");\n' * 400
        self.file('socket.io.js', text)
        self.file('index.html', '<p>' + text)
        with Running('--listen', '127.0.0.1:0', '--client-dir', str(self.folder), '--web-dir',
                     str(self.folder)) as server:
            for target in ('/socket.io/socket.io.js', '/index.html', '/'):
                answer, content = server.ask(target, Accept_Encoding='gzip')
                self.assertEqual((answer.status, answer.headers['Content-Encoding']), (200, 'gzip'), target)
                self.assertTrue(gzip.decompress(content).decode().endswith(text))
                etag = answer.headers['ETag']
                again, nothing = server.ask(target, Accept_Encoding='gzip', If_None_Match=etag)
                self.assertEqual((again.status, nothing), (304, b''), target)
                self.assertTrue(server.ask(target)[1].decode().endswith(text))
            self.assertEqual(server.stop(), 0)

    def test_may_be_left_out(self):
        self.file('socket.io.js', 'x')
        with Running('--listen', '127.0.0.1:0', '--client-dir', str(self.folder), '--serve-client=false') as server:
            self.assertEqual(server.ask('/socket.io/socket.io.js')[0].status, 400)
            self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    unittest.main(verbosity=2)
