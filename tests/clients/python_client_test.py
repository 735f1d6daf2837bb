"""The client of python-socketio, as Debian packages it, over every transport against the conformance server (profile matrix).

SERVER_BIN is the program; SERVER_CMD a command line instead.
"""
import os
import queue
import shlex
import signal
import socket
import subprocess
import sys
import threading
import unittest

try:
    import engineio.payload
    import requests  # noqa: F401 (the client's polling)
    import socketio
    import websocket  # noqa: F401 (the client's WebSocket)
except ImportError as missing:
    sys.exit(f'{missing}: install it with: apt-get install python3-socketio python3-requests python3-websocket')

PATIENCE_S = 10
# The client takes no more than 16 packets of one answer unless it is told so.
engineio.payload.Payload.max_decode_packets = 1000


def free_port():
    """The first of three ports in a row that were free a moment ago."""
    for _ in range(50):
        held = [socket.create_server(('127.0.0.1', 0))]
        try:
            first = held[0].getsockname()[1]
            held += [socket.create_server(('127.0.0.1', first + i)) for i in (1, 2)]
            return first
        except (OSError, OverflowError):
            continue
        finally:
            for one in held:
                one.close()
    raise RuntimeError('no three free ports in a row')


class Server:
    """The conformance server, until stop()."""

    def __init__(self, port=None):
        self.port = port or free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        settings = os.environ | {'PORT': str(self.port), 'HOST': '127.0.0.1', 'PROFILE': 'matrix'}
        command = shlex.split(os.environ.get('SERVER_CMD', '')) or [os.environ['SERVER_BIN']]
        self.process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != 'READY\n':
            self.process.kill()
            raise RuntimeError('the server did not start')

    def stop(self, how=signal.SIGTERM, expected=0):
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        if code != expected:
            raise RuntimeError(f'the server ended with {code}')


class Client:
    """One connection and what it heard."""

    def __init__(self, url, transports, namespaces=('/',), auth=None, **options):
        self.heard = queue.Queue()
        self.connected = threading.Semaphore(0)
        self.sio = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.2, randomization_factor=0, **options)
        for nsp in namespaces:
            self.sio.on('connect', self.connected.release, namespace=nsp)
            for event in ('message-back', 'binary-back', 'note', 'mw-error', 'emit-with-ack'):
                self.sio.on(event, self.listener(event, nsp), namespace=nsp)
            self.sio.on('question', lambda i: i, namespace=nsp)
            self.sio.on('sum', lambda a, b: (a + b, b'\x05'), namespace=nsp)
        self.sio.connect(url, transports=transports, namespaces=list(namespaces), auth=auth, wait_timeout=PATIENCE_S)
        for _ in namespaces:
            self.wait_connected()

    def listener(self, event, nsp):
        return lambda *args: self.heard.put((event, nsp, list(args)))

    def wait_connected(self):
        if not self.connected.acquire(timeout=PATIENCE_S):
            raise AssertionError('not connected in time')

    def next(self):
        return self.heard.get(timeout=PATIENCE_S)

    def ask(self, event, *args, namespace='/'):
        return self.sio.call(event, args, namespace=namespace, timeout=PATIENCE_S)

    def close(self):
        self.sio.disconnect()


class Transport:
    """The same tests for every way of connecting."""

    transports = []

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def client(self, *args, **options):
        made = Client(self.server.url, self.transports, *args, **options)
        self.addCleanup(made.close)
        return made

    def test_knows_who_it_is(self):
        client = self.client(auth={'token': 'abc'})
        me = client.ask('whoami')
        self.assertEqual(me['id'], client.sio.get_sid())
        self.assertEqual((me['nsp'], me['eio'], me['transport']), ('/', 4, self.transports[-1]))
        self.assertEqual(client.ask('handshake', [])['auth'], {'token': 'abc'})

    def test_exchanges_events_and_acks(self):
        client = self.client()
        values = [None, True, 1, -1.5, 'aäß€\U0001F600\u2028"\\\n', [], {'a': {'b': [1, None]}}]
        client.sio.emit('message', tuple(values))
        self.assertEqual(client.next(), ('message-back', '/', values))
        self.assertEqual(client.ask('message-with-ack', *values), tuple(values))
        self.assertEqual(client.ask('size', 'a\U0001F600'), {'type': 'string', 'length': 3})
        answers = queue.Queue()
        for i in range(100):
            client.sio.emit('message-with-ack', i, callback=answers.put)
        self.assertEqual([answers.get(timeout=PATIENCE_S) for _ in range(100)], list(range(100)))

    def test_exchanges_binary(self):
        client = self.client()
        data = bytes([0, 1, 30, 128, 255])
        client.sio.emit('message', (data, {'deep': [b'', data]}, 'text'))
        self.assertEqual(client.next(), ('message-back', '/', [data, {'deep': [b'', data]}, 'text']))
        client.sio.emit('make-binary', 300)
        _, _, [tree, last] = client.next()
        self.assertEqual(tree, {'a': [bytes(i & 255 for i in range(300)), 'text'], 'b': {'c': b'', 'd': None}})
        self.assertEqual(last, b'\x01\x02\x03')
        self.assertEqual(client.ask('message-with-ack', data), data)

    def test_answers_what_the_server_asks(self):
        client = self.client()
        self.assertEqual(client.ask('ask', 2000, 'sum', [2, 3]), {'ok': True, 'args': [5, b'\x05']})
        self.assertEqual(client.ask('ask-many', 50), 1225)
        self.assertEqual(client.ask('ask', 2000, 'nobody', []), {'ok': True, 'args': []}, 'it answers what nobody hears')

    def test_hears_what_is_sent_to_its_rooms(self):
        one, other = self.client(), self.client()
        self.assertEqual(one.ask('join', ['red', 'blue']), ['blue', 'red'])
        other.ask('join', ['blue'])
        one.ask('op-emit', {'to': ['red', 'blue']}, 'note', ['both', b'\x00'])
        one.ask('op-emit', {'from': 'socket', 'to': ['blue']}, 'note', ['other'])
        one.ask('op-emit', {'to': ['blue'], 'except': ['red']}, 'note', ['again'])
        self.assertEqual(one.next(), ('note', '/', ['both', b'\x00']))
        self.assertEqual([other.next()[2][0] for _ in range(3)], ['both', 'other', 'again'])
        self.assertEqual(one.ask('leave', ['red']), ['blue'])
        self.assertTrue(one.heard.empty())

    def test_uses_several_namespaces(self):
        client = self.client(('/', '/custom', '/dyn-5'))
        ids = {client.ask('whoami', namespace=nsp)['id'] for nsp in ('/', '/custom', '/dyn-5')}
        self.assertEqual(ids, {client.sio.get_sid(nsp) for nsp in ('/', '/custom', '/dyn-5')})
        self.assertEqual(len(ids), 3)
        client.sio.emit('message', 'here', namespace='/custom')
        self.assertEqual(client.next(), ('message-back', '/custom', ['here']))

    def test_hears_why_it_is_refused(self):
        refusals = queue.Queue()
        sio = socketio.Client(reconnection=False)
        self.addCleanup(sio.disconnect)
        sio.on('connect_error', refusals.put, namespace='/auth')
        with self.assertRaises(socketio.exceptions.ConnectionError):
            sio.connect(self.server.url, transports=self.transports, namespaces=['/auth'], auth={'token': 'x'}, wait_timeout=2)
        refusal = refusals.get(timeout=PATIENCE_S)
        self.assertEqual(refusal, {'message': 'not authorized', 'data': {'code': 'E_AUTH', 'retry': False, 'token': 'x'}})
        admitted = self.client(('/auth',), auth={'token': 'secret'})
        self.assertEqual(admitted.ask('whoami', namespace='/auth')['nsp'], '/auth')

    def test_takes_large_messages(self):
        client = self.client()
        self.assertEqual(client.ask('message-with-ack', 'ä' * 100_000), 'ä' * 100_000)
        self.assertEqual(client.ask('message-with-ack', bytes(300_000)), bytes(300_000))

    def test_comes_back_when_the_server_has_died(self):
        server = Server()
        client = Client(server.url, self.transports)
        server.stop(signal.SIGKILL, -signal.SIGKILL)
        server = Server(server.port)
        self.addCleanup(server.stop)
        self.addCleanup(client.close)  # before the server goes, or it would look for it for ever
        client.wait_connected()
        self.assertEqual(client.ask('message-with-ack', 'again'), 'again')


class Drop:
    """Not over polling: this client does not come back after a close packet, which is all that a poll can bring."""

    def test_comes_back_after_a_drop(self):
        client = self.client()
        before = client.sio.get_sid()
        client.sio.emit('drop')
        client.wait_connected()
        self.assertEqual(client.ask('message-with-ack', 'again'), 'again')
        self.assertNotEqual(client.sio.get_sid(), before)


class Polling(Transport, unittest.TestCase):
    transports = ['polling']


class WebSocket(Transport, Drop, unittest.TestCase):
    transports = ['websocket']


class Upgrade(Transport, Drop, unittest.TestCase):
    transports = ['polling', 'websocket']


if __name__ == '__main__':
    outcome = unittest.main(exit=False, warnings='ignore').result
    sys.stderr.flush()
    os._exit(not outcome.wasSuccessful())  # a client of a failed test may have a thread that looks for its server for ever
