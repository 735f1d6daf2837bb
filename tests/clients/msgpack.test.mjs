// The app whose clients speak msgpack (profile matrix, PORT+1): socket.io-client with socket.io-msgpack-parser over every
// transport, and raw messages beside it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { io } from 'socket.io-client';
import parser from 'socket.io-msgpack-parser';
import { WebSocket } from './lib/deps.mjs';
import { startServer, stricter, unique, within } from './lib/server.mjs';

const require = createRequire(import.meta.url);
const notepack = createRequire(require.resolve('socket.io-msgpack-parser'))('notepack.io');

let server;
let address;
before(async () => {
  server = await startServer('matrix');
  const url = new URL(server.http);
  address = `${url.hostname}:${Number(url.port) + 1}`;
});
after(() => server?.stop());

const transports = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

for (const [name, list] of Object.entries(transports)) {
  describe(`socket.io-client 4.8 with msgpack over ${name}`, () => {
    const open = new Set();
    const raw = (nsp = '/', more = {}) => {
      const socket = io(`http://${address}${nsp}`, { transports: list, forceNew: true, reconnection: false, parser, ...more });
      open.add(socket);
      return socket;
    };
    const heard = (socket, event) =>
      within(8000, new Promise((resolve) => { socket.once(event, (...args) => resolve(args)); }), `event ${event}`);
    const connect = async (nsp, more) => {
      const socket = raw(nsp, more);
      await heard(socket, 'auth');
      return socket;
    };
    const ask = (socket, ...args) => socket.timeout(8000).emitWithAck(...args);
    const echo = async (socket, ...args) => {
      const back = heard(socket, 'message-back');
      socket.emit('message', ...args);
      return back;
    };
    after(() => { for (const socket of open) socket.disconnect(); });

    it('brings all values back as they were', async () => {
      const socket = await connect();
      const values = [0, -1, 127, 128, 70000, -70000, 2 ** 40, -(2 ** 40), 0.1, NaN, Infinity, 'é€😀', '', true, null, undefined,
        new Date(1234567890123), { a: undefined, 'b"\n': [{}, []] }, Buffer.from([1, 2, 255]), Buffer.alloc(0),
        { _placeholder: true, num: 0 }, 'x'.repeat(70000), new Array(300).fill(1)];
      assert.deepEqual(await echo(socket, ...values), values);
      const [buffer] = await echo(socket, new Uint8Array([7, 8]).buffer);
      assert.ok(buffer instanceof ArrayBuffer);
      assert.deepEqual(Buffer.from(buffer), Buffer.from([7, 8]));
    });

    it('answers with acks, on both sides', async () => {
      const socket = await connect();
      assert.deepEqual(await ask(socket, 'size', Buffer.alloc(1000)), { type: 'binary', length: 1000 });
      assert.deepEqual(await ask(socket, 'size', '€'), { type: 'string', length: 1 });
      socket.on('question-7', (value, reply) => reply(value, Buffer.from([4]), undefined));
      const got = await ask(socket, 'ask', 2000, 'question-7', [{ deep: [1.5] }]);
      assert.deepEqual(got, { ok: true, args: [{ deep: [1.5] }, Buffer.from([4]), undefined] });
      assert.deepEqual(await ask(socket, 'ask', 50, 'nobody', []), { ok: false, error: 'operation has timed out' });
    });

    it('says who it is', async () => {
      const socket = await connect('/custom', { auth: { tag: unique('t'), key: Buffer.from([1, 2]) } });
      const me = await ask(socket, 'whoami');
      assert.equal(me.app, 'msgpack');
      assert.equal(me.nsp, '/custom');
      assert.equal(me.id, socket.id);
    });

    it('hands the auth payload on, binaries included', async () => {
      const socket = raw('/', { auth: { token: 'a', key: Buffer.from([1, 2]) } });
      assert.deepEqual(await heard(socket, 'auth'), [{ token: 'a', key: Buffer.from([1, 2]) }]);
    });

    it('is told why it may not join', async () => {
      const invalid = await heard(raw('/random'), 'connect_error');
      assert.equal(invalid[0].message, 'Invalid namespace');
      const refused = await heard(raw('/auth', { auth: { token: 'x' } }), 'connect_error');
      assert.equal(refused[0].message, 'not authorized');
      assert.deepEqual(refused[0].data, { code: 'E_AUTH', retry: false, token: 'x' });
    });

    it('hears broadcasts to rooms, with binaries', async () => {
      const room = unique('room');
      const [a, b] = [await connect(), await connect()];
      assert.deepEqual(await ask(b, 'join', [room]), [room]);
      const back = heard(b, 'news');
      assert.equal(await ask(a, 'op-emit', { to: [room] }, 'news', [{ blob: Buffer.from([9]) }, new Date(5)]), true);
      assert.deepEqual(await back, [{ blob: Buffer.from([9]) }, new Date(5)]);
      b.on('vote', (n, reply) => reply(n + 1));
      assert.deepEqual(await ask(a, 'op-emit-ack', { to: [room], timeout: 4000 }, 'vote', [1]), { ok: true, responses: [2] });
    });

    it('is disconnected with the reason of Node', async () => {
      const tag = unique('tag');
      const socket = await connect('/', { auth: { tag } });
      const gone = heard(socket, 'disconnect');
      socket.emit('bye', false);
      assert.equal((await gone)[0], 'io server disconnect');
      const observer = await connect();
      assert.equal(await ask(observer, 'reason-of', tag), 'server namespace disconnect');
    });

    it('gets binaries that the server makes, and large ones', async () => {
      const socket = await connect();
      const back = heard(socket, 'binary-back');
      socket.emit('make-binary', 4);
      assert.deepEqual(await back,
        [{ a: [Buffer.from([0, 1, 2, 3]), 'text'], b: { c: Buffer.alloc(0), d: null } }, Buffer.from([1, 2, 3])]);
      const big = heard(socket, 'big-back');
      socket.emit('big', 300_000, 'binary');
      assert.deepEqual((await big)[0], Buffer.alloc(300_000, 0xab));
    });
  });
}

describe('raw messages', () => {
  const connected = notepack.encode({ type: 0, nsp: '/' });

  async function client(first = connected) {
    const ws = new WebSocket(`ws://${address}/socket.io/?EIO=4&transport=websocket`);
    const queue = [];
    let wake = () => {};
    const push = (what) => { queue.push(what); wake(); };
    ws.on('message', (data, binary) => { if (binary || data.toString() !== '2') push(binary ? Buffer.from(data) : data.toString()); });
    ws.on('close', () => push('closed'));
    ws.on('error', () => {});
    const next = () => within(8000, (async () => {
      while (queue.length === 0) await new Promise((resolve) => { wake = resolve; });
      return queue.shift();
    })(), 'message');
    assert.match(await next(), /^0\{/);
    if (first) ws.send(first);
    return { ws, next };
  }
  async function joined() {
    const { ws, next } = await client();
    const sid = await next();
    await next(); // auth
    return { ws, next, sid };
  }
  const hex = (buffer) => buffer.toString('hex');
  const event = (...data) => notepack.encode({ type: 2, data, nsp: '/' });

  it('are the bytes that Node sends', async () => {
    const { ws, next } = await client();
    const open = await next();
    const { sid } = notepack.decode(open).data;
    assert.equal(hex(open), hex(notepack.encode({ type: 0, data: { sid, pid: undefined }, nsp: '/' })));
    assert.equal(hex(await next()), hex(event('auth', {})));
    ws.send(notepack.encode({ type: 2, data: ['message-with-ack', 1, undefined], id: 5, nsp: '/' }));
    assert.equal(hex(await next()), hex(notepack.encode({ id: 5, type: 3, data: [1, undefined], nsp: '/' })));
    ws.send(notepack.encode({ type: 2, data: ['message-with-ack'], id: -5, nsp: '/' }));
    assert.equal(hex(await next()), hex(notepack.encode({ id: -5, type: 3, data: [], nsp: '/' })));
    ws.send(event('emit-with-ack', 1));
    const asked = await next();
    assert.equal(hex(asked), hex(notepack.encode({ type: 2, data: ['emit-with-ack', 1], id: notepack.decode(asked).id, nsp: '/' })));
    ws.send(event('bye'));
    assert.equal(hex(await next()), hex(notepack.encode({ type: 1, nsp: '/' })));
    ws.close();
  });

  const bad = {
    'text': '42["message",1]',
    'no msgpack': Buffer.from([0xc1]),
    'nothing': Buffer.alloc(0),
    'an unknown type': notepack.encode({ type: 5, data: ['a'], nsp: '/' }),
    'a type of its own kind': notepack.encode({ type: '2', data: ['a'], nsp: '/' }),
    'no namespace': notepack.encode({ type: 2, data: ['a'] }),
    'no list': notepack.encode({ type: 2, data: {}, nsp: '/' }),
    'an id that is no integer': notepack.encode({ type: 2, data: ['a'], id: 1.5, nsp: '/' }),
    'a byte too many': Buffer.concat([event('a'), Buffer.from([0])]),
    'a list that claims 4 billion items': Buffer.concat([Buffer.from([0x83, 0xa4]), Buffer.from('type'), Buffer.from([2, 0xa4]),
      Buffer.from('data'), Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])]),
    'a second connect': connected,
    'a connect error': notepack.encode({ type: 4, data: {}, nsp: '/' }),
    'another namespace': notepack.encode({ type: 2, data: ['a'], nsp: '/custom' }),
  };
  for (const [name, message] of Object.entries(bad)) {
    it(`close the connection: ${name}`, async () => {
      const { ws, next } = await joined();
      ws.send(message);
      let last = await next();
      if (last !== 'closed' && notepack.decode(last).data[0] === 'mw-error') last = await next();
      assert.equal(last, 'closed');
    });
  }
  if (stricter) {
    for (const [name, message] of Object.entries({
      'reserved names': event('disconnect'),
      'deep nesting': Buffer.concat([Buffer.from([0x83, 0xa4]), Buffer.from('type'), Buffer.from([2, 0xa4]), Buffer.from('data'),
        Buffer.alloc(100_000, 0x91), Buffer.from([0x01, 0xa3]), Buffer.from('nsp'), Buffer.from([0xa1]), Buffer.from('/')]),
    })) {
      it(`close the connection: ${name}`, async () => {
        const { ws, next } = await joined();
        ws.send(message);
        assert.equal(await next(), 'closed');
      });
    }
  }

  it('before a namespace is joined close the connection', async () => {
    const { next } = await client(event('message', 1));
    assert.equal(await next(), 'closed');
  });

  it('of Engine.IO 3 are refused', async () => {
    const answer = await fetch(`http://${address}/socket.io/?EIO=3&transport=polling`);
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).code, 5);
  });
});
