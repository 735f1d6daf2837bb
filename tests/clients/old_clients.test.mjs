// The clients of Engine.IO revision 3 as programs use them: socket.io-client 2.5 and 1.7 over every transport, alone
// and together with clients of today, and engine.io-client 3.5 against the bare echo (profile matrix).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { oldEngine, oldReleases, releases } from './lib/deps.mjs';
import { event, startServer, unique, within } from './lib/server.mjs';

let server;
before(async () => { server = await startServer('matrix'); });
after(() => server?.stop());

const transports = {
  polling: { transports: ['polling'] },
  'polling in base64': { transports: ['polling'], forceBase64: true },
  websocket: { transports: ['websocket'] },
  'websocket in base64': { transports: ['websocket'], forceBase64: true },
  upgrade: { transports: ['polling', 'websocket'] },
};

const asked = (socket, ...args) =>
  within(8000, new Promise((resolve) => { socket.emit(...args, (...answer) => resolve(answer)); }), `ack of ${args[0]}`);
const ask = async (...args) => (await asked(...args))[0];
const heard = (socket, name, ms = 8000) =>
  within(ms, new Promise((resolve) => { socket.once(name, (...args) => resolve(args)); }), `event ${name}`);
const bytes = (value) => Buffer.from(value instanceof ArrayBuffer ? new Uint8Array(value) : value);
const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Connections that are closed at the end of a test. */
class Clients {
  #open = new Set();

  open(release, options, nsp = '/', query = '') {
    const socket = release.io(`${server.http}${nsp}${query}`, { forceNew: true, reconnection: false, ...options });
    this.#open.add(socket);
    return socket;
  }
  async connect(release, options, nsp, query) {
    const socket = this.open(release, options, nsp, query);
    const greeting = heard(socket, 'auth');
    await event(socket, 'connect');
    if (options.transports.length === 2 && socket.io.engine.transport.name !== 'websocket') {
      await event(socket.io.engine, 'upgrade');
    }
    await greeting;
    return socket;
  }
  close() {
    for (const socket of this.#open) socket.disconnect();
    this.#open.clear();
  }
}

function suite(release, transport) {
  const options = transports[transport];
  const test = (what, run) => it(what, async () => {
    const clients = new Clients();
    try { await run((nsp, query) => clients.connect(release, options, nsp, query), clients); } finally { clients.close(); }
  });

  test('connects and knows its id', async (connect) => {
    const socket = await connect();
    const me = await ask(socket, 'whoami');
    assert.deepEqual({ ...me, id: '' }, {
      id: '', nsp: '/', rooms: [], transport: options.transports.at(-1), eio: 3, recovered: false, instance: 'A', app: 'default',
    });
    assert.equal(me.id, socket.id);
    assert.equal(me.id, socket.io.engine.id);
  });

  test('joins another namespace under its own id', async (connect) => {
    const socket = await connect('/custom');
    const me = await ask(socket, 'whoami');
    assert.equal(me.nsp, '/custom');
    assert.equal(me.id, `/custom#${socket.io.engine.id}`);
    if (release.name !== '1.7') assert.equal(me.id, socket.id); // that one leaves the namespace out
    assert.deepEqual(await ask(socket, 'join', ['room']), ['room']);
  });

  test('gives the query of a namespace as auth', async (connect, clients) => {
    const socket = clients.open(release, options, '/custom', '?token=a%20b&n=1');
    const [auth] = await heard(socket, 'auth');
    assert.equal(auth.token, 'a b');
    assert.equal(auth.n, '1');
  });

  test('hears why a namespace refuses it', async (connect, clients) => {
    const refused = clients.open(release, options, '/auth', '?token=wrong');
    assert.deepEqual(await heard(refused, 'error'), [{ code: 'E_AUTH', retry: false, token: 'wrong' }]);
    const admitted = clients.open(release, options, '/auth', '?token=secret');
    await event(admitted, 'connect');
  });

  test('hears of an unknown namespace', async (connect, clients) => {
    assert.deepEqual(await heard(clients.open(release, options, '/none'), 'error'), [{ message: 'Invalid namespace' }]);
  });

  test('exchanges text of every kind', async (connect) => {
    const socket = await connect();
    const text = 'aäß€😀\u2028\u2029"\\\n\\n\u0000';
    // Clients 1.x encode UTF-8 twice over polling where it is text: nobody can tell.
    const sent = release.name === '1.7' ? 'plain "\\\n\\n' : text;
    socket.emit('message', sent, [sent], { [sent]: null });
    assert.deepEqual(await heard(socket, 'message-back'), [sent, [sent], { [sent]: null }]);
    assert.deepEqual(await asked(socket, 'message-with-ack', 1, sent, null), [1, sent, null]);
  });

  test('exchanges binary data', async (connect) => {
    const socket = await connect();
    const data = Buffer.from([0, 1, 2, 30, 58, 128, 255]);
    socket.emit('message', data, { deep: [data] }, 'text');
    const [plain, { deep }, text] = await heard(socket, 'message-back');
    assert.deepEqual(bytes(plain), data);
    assert.deepEqual(bytes(deep[0]), data);
    assert.equal(text, 'text');
    socket.emit('make-binary', 300);
    const [made, last] = await heard(socket, 'binary-back');
    assert.deepEqual(bytes(made.a[0]), Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255)));
    assert.equal(bytes(made.b.c).length, 0);
    assert.deepEqual(bytes(last), Buffer.from([1, 2, 3]));
    assert.deepEqual(bytes(await ask(socket, 'message-with-ack', data)), data);
  });

  test('takes large messages', async (connect) => {
    const socket = await connect();
    for (const kind of ['text', 'binary']) {
      socket.emit('big', 200_000, kind);
      const [big] = await heard(socket, 'big-back');
      assert.equal(kind === 'text' ? big.length : bytes(big).length, 200_000);
    }
    assert.deepEqual(await ask(socket, 'size', 'x'.repeat(150_000)), { type: 'string', length: 150_000 });
    assert.deepEqual(await ask(socket, 'size', Buffer.alloc(150_000)), { type: 'binary', length: 150_000 });
  });

  test('answers acks of the server', async (connect) => {
    const socket = await connect();
    socket.on('question', (i, answer) => answer(i));
    assert.equal(await ask(socket, 'ask-many', 20), 190);
    assert.deepEqual(await ask(socket, 'ask', 100, 'nobody-answers', []), { ok: false, error: 'operation has timed out' });
  });

  test('gets everything once and in order', async (connect) => {
    const socket = await connect();
    const got = [];
    socket.on('flood-item', (i) => got.push(i));
    assert.equal(await ask(socket, 'flood', 500), 500);
    assert.deepEqual(got, Array.from({ length: 500 }, (_, i) => i));
  });

  test('is told to leave', async (connect) => {
    const tag = unique('bye');
    const socket = await connect('/', `?tag=${tag}`);
    socket.emit('bye', true);
    assert.equal((await heard(socket, 'disconnect'))[0], 'io server disconnect');
    const other = await connect();
    assert.equal(await ask(other, 'reason-of', tag), 'server namespace disconnect');
  });

  test('says that it leaves', async (connect) => {
    const tag = unique('leaves');
    const socket = await connect('/', `?tag=${tag}`);
    socket.disconnect();
    assert.equal(await ask(await connect(), 'reason-of', tag), 'client namespace disconnect');
  });
}

for (const release of oldReleases) {
  for (const transport of Object.keys(transports)) {
    describe(`socket.io-client ${release.name} over ${transport}`, { concurrency: true }, () => suite(release, transport));
  }
}

it('old clients stay for longer than the server waits for a ping', async () => {
  const clients = new Clients();
  try {
    const sockets = await Promise.all(oldReleases.flatMap((release) =>
      Object.values(transports).map((options) => clients.connect(release, options))));
    let gone = 0;
    for (const socket of sockets) socket.on('disconnect', () => { gone += 1; });
    await delay(7500);
    assert.equal(gone, 0);
    for (const socket of sockets) await ask(socket, 'whoami');
  } finally {
    clients.close();
  }
});

describe('old and new clients in one room', () => {
  const everyone = [...oldReleases, ...releases].flatMap((release) =>
    Object.values(transports).map((options) => ({ release, options })));
  const clients = new Clients();
  const room = unique('room');
  let sockets;

  before(async () => {
    sockets = await Promise.all(everyone.map(({ release, options }) =>
      clients.connect(release, options, '/custom')));
    for (const socket of sockets) await ask(socket, 'join', [room]);
  });
  after(() => clients.close());

  it('all get the same text and the same bytes', async () => {
    // ASCII: clients 1.x over polling decode UTF-8 twice and give up.
    const data = Buffer.from([0, 1, 2, 30, 255]);
    const all = Promise.all(sockets.map((socket) => heard(socket, 'news')));
    assert.equal(await ask(sockets[0], 'op-emit', { to: [room] }, 'news', ['text', { data }, data]), true);
    for (const [text, { data: first }, second] of await all) {
      assert.equal(text, 'text');
      assert.deepEqual(bytes(first), data);
      assert.deepEqual(bytes(second), data);
    }
  });

  it('all answer', async () => {
    sockets.forEach((socket, i) => socket.on('count', (answer) => answer(i)));
    const { ok, responses } = await ask(sockets[0], 'op-emit-ack', { to: [room], timeout: 5000 }, 'count', []);
    assert.equal(ok, true);
    assert.deepEqual(responses.sort((a, b) => a - b), sockets.map((_, i) => i));
  });

  it('are found by their ids, which are rooms', async () => {
    for (const socket of sockets) {
      const { id } = await ask(socket, 'whoami');
      const [found] = await ask(sockets[0], 'op-fetch', { to: [id] });
      assert.equal(found.id, id);
      const got = heard(socket, 'private');
      await ask(sockets.at(-1), 'op-emit', { to: [id] }, 'private', [id]);
      assert.deepEqual(await got, [id]);
    }
  });

  it('are not found by a part of it', async () => {
    assert.deepEqual(await ask(sockets[0], 'op-fetch', { to: [sockets[0].io.engine.id] }), []);
    assert.deepEqual(await ask(sockets[0], 'op-fetch', { to: [`/custom#${sockets.at(-1).id}`] }), []);
    assert.deepEqual(await ask(sockets[0], 'op-fetch', { to: [`/#${sockets[0].io.engine.id}`] }), []);
  });
});

for (const [name, options] of Object.entries(transports)) {
  describe(`engine.io-client 3.5 over ${name}`, () => {
    it('gets its messages back', async () => {
      const socket = oldEngine(server.http, { path: '/engine.io', ...options });
      try {
        await event(socket, 'open');
        if (options.transports.length === 2) await event(socket, 'upgrade');
        for (const message of ['text €😀', '', Buffer.from([4, 0, 255]), 'b4AQID', Buffer.alloc(0), 'x'.repeat(70_000)]) {
          const back = heard(socket, 'message');
          socket.send(message);
          const [got] = await back;
          if (typeof message === 'string') assert.equal(got ?? '', message);
          else assert.deepEqual(bytes(got), message);
        }
      } finally {
        socket.close();
      }
    });
  });
}
