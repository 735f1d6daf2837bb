// The released clients over every transport, as programs use them (profile matrix, default parser).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engine, releases } from './lib/deps.mjs';
import { event, startServer, unique, within } from './lib/server.mjs';

let server;
before(async () => { server = await startServer('matrix'); });
after(() => server?.stop());

const transports = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};

const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** emit with an ack, as a promise of the ack's arguments (works in every release). */
const asked = (socket, ...args) =>
  within(8000, new Promise((resolve) => { socket.emit(...args, (...answer) => resolve(answer)); }), `ack of ${args[0]}`);
const ask = async (...args) => (await asked(...args))[0];

/** The next event of that name: its arguments. */
const heard = (socket, name, ms = 8000) =>
  within(ms, new Promise((resolve) => { socket.once(name, (...args) => resolve(args)); }), `event ${name}`);

/** Everything a socket hears under that name, from now on. */
function recorded(socket, name) {
  const list = [];
  socket.on(name, (...args) => list.push(args));
  return list;
}

/** What the server has sent so far has arrived. */
const settled = (...sockets) => Promise.all(sockets.map((socket) => ask(socket, 'message-with-ack', 'settled')));

const bytes = (value) => Buffer.from(value instanceof ArrayBuffer ? new Uint8Array(value) : value);

function suite(release, transport) {
  const options = { ...transports[transport], forceNew: true, reconnection: false };
  const open = new Set();

  const raw = (nsp = '/', more = {}) => {
    const socket = release.io(`${server.http}${nsp}`, { ...options, ...more });
    open.add(socket);
    return socket;
  };
  const connect = async (nsp, more) => {
    const socket = raw(nsp, more);
    const greeting = heard(socket, 'auth');
    await event(socket, 'connect');
    if (transport === 'upgrade' && socket.io.engine.transport.name !== 'websocket') await event(socket.io.engine, 'upgrade');
    await greeting;
    return socket;
  };
  const several = (count, nsp) => Promise.all(Array.from({ length: count }, () => connect(nsp)));
  const close = () => {
    for (const socket of open) socket.disconnect();
    open.clear();
  };
  const test = (what, run) => it(what, async () => {
    try { await run(); } finally { close(); }
  });
  const reasonOf = async (tag, nsp) => ask(await connect(nsp), 'reason-of', tag);

  test('connects, with its own id, transport and auth', async () => {
    const socket = raw('/', { auth: { token: 'abc', n: 1 } });
    const [auth] = await heard(socket, 'auth');
    assert.deepEqual(auth, { token: 'abc', n: 1 });
    if (transport === 'upgrade') await within(5000, (async () => {
      while (socket.io.engine.transport.name !== 'websocket') await delay(10);
    })(), 'upgrade');
    const me = await ask(socket, 'whoami');
    assert.deepEqual({ ...me, id: '' }, {
      id: '', nsp: '/', rooms: [], transport: transport === 'upgrade' ? 'websocket' : transport, eio: 4, recovered: false,
      instance: 'A', app: 'default',
    });
    assert.equal(me.id, socket.id);
  });

  test('tells of its handshake', async () => {
    const socket = await connect('/', { query: { colour: 'grün', empty: '' }, auth: { a: [1, { b: null }] } });
    const shake = await ask(socket, 'handshake', ['host', 'x-none']);
    assert.deepEqual(shake.auth, { a: [1, { b: null }] });
    assert.equal(shake.query.colour, 'grün');
    assert.equal(shake.query.empty, '');
    assert.equal(shake.query.EIO, '4');
    assert.deepEqual(shake.headers, { host: `127.0.0.1:${server.port}`, 'x-none': null });
    assert.equal(shake.xdomain, false);
    assert.equal(shake.secure, false);
  });

  const values = [
    null, true, false, 0, -1, 1.5, 2 ** 53, -(2 ** 53), 12345678901234567890, 1e21, 1e300, 5e-324, 1.7976931348623157e308, 0.1,
    '', 'text', '\u{1F600}\u{1F468}\u200D\u{1F469}', '\u2028\u2029', '\ud800', 'a\udfffb', '\u0000\u001f', '"\\/\b\f\n\r\t', '42["x"]',
    '451-["x"]', '\x1e', [], {}, [[[]]], { a: { b: { c: [1, 'x', null] } } }, { '': '' }, { num: 0, placeholder: true },
    JSON.parse('{"__proto__":{"x":1},"constructor":1,"toString":2}'),
  ];

  test('echoes every kind of JSON value', async () => {
    const socket = await connect();
    const back = recorded(socket, 'message-back');
    for (const value of values) socket.emit('message', value);
    socket.emit('message', ...values);
    socket.emit('message');
    await settled(socket);
    const sent = [...values.map((value) => [value]), values, []];
    assert.deepEqual(back.map((args) => JSON.stringify(args)), sent.map((args) => JSON.stringify(args)));
    for (const value of values) assert.equal(JSON.stringify(await ask(socket, 'message-with-ack', value)), JSON.stringify(value));
  });

  test('measures text in UTF-16 units and binary in bytes', async () => {
    const socket = await connect();
    assert.deepEqual(await ask(socket, 'size', 'a\u{1F600}é'), { type: 'string', length: 4 });
    assert.deepEqual(await ask(socket, 'size', Buffer.alloc(7)), { type: 'binary', length: 7 });
    assert.deepEqual(await ask(socket, 'size', Buffer.alloc(0)), { type: 'binary', length: 0 });
  });

  test('carries binary both ways, nested and many', async () => {
    const socket = await connect();
    const buffers = Array.from({ length: 10 }, (_, i) => Buffer.alloc(i * 100, i));
    const [tree] = await asked(socket, 'message-with-ack', { list: buffers.slice(0, 5), deep: { er: buffers.slice(5) }, text: 'x' });
    assert.equal(tree.text, 'x');
    assert.deepEqual([...tree.list, ...tree.deep.er].map(bytes), buffers);
    const back = heard(socket, 'message-back');
    socket.emit('message', buffers[3], 'between', new Uint8Array([1, 2, 3]));
    const [first, between, last] = await back;
    assert.deepEqual([bytes(first), between, bytes(last)], [buffers[3], 'between', Buffer.from([1, 2, 3])]);
    const made = heard(socket, 'binary-back');
    socket.emit('make-binary', 1000);
    const [object, three] = await made;
    assert.deepEqual(bytes(object.a[0]), Buffer.from(Array.from({ length: 1000 }, (_, i) => i & 255)));
    assert.equal(object.a[1], 'text');
    assert.deepEqual([bytes(object.b.c).length, object.b.d], [0, null]);
    assert.deepEqual(bytes(three), Buffer.from([1, 2, 3]));
  });

  test('keeps the order of text and binary', async () => {
    const socket = await connect();
    const back = recorded(socket, 'message-back');
    for (let i = 0; i < 200; i++) socket.emit('message', i, ...(i % 3 ? [] : [Buffer.from([i])]));
    await settled(socket);
    assert.deepEqual(back.map(([i]) => i), Array.from({ length: 200 }, (_, i) => i));
    assert.ok(back.every(([i, data]) => (i % 3 ? data === undefined : bytes(data)[0] === i)));
  });

  test('acknowledges many at once, each once', async () => {
    const socket = await connect();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => asked(socket, 'message-with-ack', i, 'x')));
    assert.deepEqual(answers, Array.from({ length: 500 }, (_, i) => [i, 'x']));
    let calls = 0;
    socket.emit('ack-twice', () => { calls++; });
    await settled(socket);
    assert.equal(calls, 1);
  });

  if (release.name !== '3.1') {
    test('runs into its own time limit where no ack comes', async () => {
      const socket = await connect();
      const [error] = await within(5000, new Promise((resolve) => {
        socket.timeout(100).emit('never-ack', 1, (...args) => resolve(args));
      }), 'timeout');
      assert.match(error.message, /operation has timed out/);
    });
  }

  test('is asked by the server', async () => {
    const socket = await connect();
    socket.on('sum', (a, b, reply) => reply(a + b, Buffer.from([a])));
    const good = await ask(socket, 'ask', 2000, 'sum', [2, 3]);
    assert.equal(good.ok, true);
    assert.equal(good.args[0], 5);
    assert.deepEqual(bytes(good.args[1]), Buffer.from([2]));
    assert.deepEqual(await ask(socket, 'ask', 100, 'nobody', []), { ok: false, error: 'operation has timed out' });
    socket.on('question', (i, reply) => reply(i));
    assert.equal(await ask(socket, 'ask-many', 300), (299 * 300) / 2);
    socket.on('emit-with-ack', (...args) => { if (typeof args.at(-1) === 'function') args.at(-1)('reply', { x: 1 }); });
    const reply = within(5000, new Promise((resolve) => {
      socket.on('emit-with-ack', (...args) => { if (typeof args.at(-1) !== 'function') resolve(args); });
    }), 'reply');
    socket.emit('emit-with-ack', 1);
    assert.deepEqual(await reply, ['reply', { x: 1 }]);
  });

  test('hears what is sent to its rooms, once', async () => {
    const [a, b, c, d] = await several(4);
    const [red, blue, all] = [unique('red'), unique('blue'), unique('all')];
    assert.deepEqual(await ask(a, 'join', [red, all]), [all, red].sort());
    await ask(b, 'join', [red, blue, all]);
    await ask(c, 'join', [blue, all]);
    await ask(d, 'join', [all]);
    const got = [a, b, c, d].map((socket) => recorded(socket, 'note'));
    const expectTo = async (sender, o, who) => {
      const note = unique('note');
      assert.equal(await ask(sender, 'op-emit', o, 'note', [note, { list: [1] }]), true);
      await settled(a, b, c, d);
      assert.deepEqual(got.map((list) => list.filter(([n]) => n === note).length), who, JSON.stringify(o));
    };
    await expectTo(a, { to: [red] }, [1, 1, 0, 0]);
    await expectTo(a, { to: [red, blue] }, [1, 1, 1, 0]);
    await expectTo(a, { to: [all], except: [blue] }, [1, 0, 0, 1]);
    await expectTo(a, { from: 'socket', to: [red, blue] }, [0, 1, 1, 0]);
    await expectTo(d, { from: 'socket', to: [all], except: [red, unique('none')] }, [0, 0, 1, 0]);
    await expectTo(a, { to: [b.id] }, [0, 1, 0, 0]);
    await expectTo(a, { to: [all], except: [b.id, c.id] }, [1, 0, 0, 1]);
    await expectTo(a, { to: [all, red], local: true }, [1, 1, 1, 1]);
    await expectTo(a, { to: [unique('empty')] }, [0, 0, 0, 0]);
    await expectTo(a, {}, [1, 1, 1, 1]);
    await expectTo(a, { from: 'socket' }, [0, 1, 1, 1]);
    await ask(b, 'leave', [red]);
    await expectTo(a, { to: [red] }, [1, 0, 0, 0]);
    const binary = heard(c, 'blob');
    await ask(a, 'op-emit', { to: [blue] }, 'blob', [Buffer.from('abc'), { x: Buffer.from([0]) }]);
    const [blob, { x }] = await binary;
    assert.deepEqual([bytes(blob), bytes(x)], [Buffer.from('abc'), Buffer.from([0])]);
  });

  test('is collected by a broadcast with acks', async () => {
    const [a, b, c] = await several(3);
    const room = unique('room');
    for (const socket of [a, b, c]) await ask(socket, 'join', [room]);
    a.on('vote', (n, reply) => reply(n + 1));
    b.on('vote', (n, reply) => reply(n + 2));
    assert.deepEqual(await ask(c, 'op-emit-ack', { to: [unique('empty')] }, 'vote', [1]), { ok: true, responses: [] });
    const partial = await ask(c, 'op-emit-ack', { to: [room], timeout: 200 }, 'vote', [1]);
    assert.equal(partial.ok, false);
    assert.deepEqual([...partial.responses].sort(), [2, 3]);
    c.on('vote', (n, reply) => reply(n + 3));
    const whole = await ask(c, 'op-emit-ack', { to: [room], timeout: 4000 }, 'vote', [1]);
    assert.equal(whole.ok, true);
    assert.deepEqual([...whole.responses].sort(), [2, 3, 4]);
    const others = await ask(c, 'op-emit-ack', { from: 'socket', to: [room], timeout: 4000 }, 'vote', [10]);
    assert.deepEqual([...others.responses].sort(), [11, 12]);
  });

  test('is found, moved and disconnected by room', async () => {
    const [a, b, c] = await several(3);
    const [room, next] = [unique('room'), unique('next')];
    for (const socket of [a, b]) await ask(socket, 'join', [room]);
    assert.deepEqual(await ask(a, 'set-data', { name: 'ann', n: 1 }), { name: 'ann', n: 1 });
    assert.deepEqual(await ask(a, 'set-data', { n: 2 }), { name: 'ann', n: 2 });
    const expected = [{ id: a.id, rooms: [room], data: { name: 'ann', n: 2 } }, { id: b.id, rooms: [room], data: {} }];
    assert.deepEqual(await ask(c, 'op-fetch', { to: [room] }), expected.sort((x, y) => (x.id < y.id ? -1 : 1)));
    assert.equal(await ask(c, 'op-join', { to: [room] }, [next]), true);
    assert.deepEqual((await ask(a, 'whoami')).rooms, [next, room].sort());
    assert.equal(await ask(c, 'op-leave', { to: [next], except: [b.id] }, [room]), true);
    assert.deepEqual((await ask(a, 'whoami')).rooms, [next]);
    assert.deepEqual((await ask(b, 'whoami')).rooms, [next, room].sort());
    const gone = [event(a, 'disconnect'), event(b, 'disconnect')];
    assert.equal(await ask(c, 'op-disconnect', { to: [next] }, false), true);
    for (const [reason] of await Promise.all(gone)) assert.equal(reason, 'io server disconnect');
    assert.deepEqual(await ask(c, 'op-fetch', { to: [next] }), []);
  });

  test('uses several namespaces over one connection', async () => {
    const main = await connect();
    const custom = main.io.socket('/custom');
    const child = main.io.socket('/dyn-1');
    open.add(custom).add(child);
    await Promise.all([event(custom, 'connect'), event(child, 'connect')]);
    assert.equal(new Set([main.id, custom.id, child.id]).size, 3);
    const room = unique('room');
    for (const socket of [main, custom, child]) await ask(socket, 'join', [room]);
    const got = [main, custom, child].map((socket) => recorded(socket, 'note'));
    await ask(custom, 'op-emit', { to: [room] }, 'note', ['custom only']);
    await settled(main, custom, child);
    assert.deepEqual(got, [[], [['custom only']], []]);
    assert.equal((await ask(child, 'whoami')).nsp, '/dyn-1');
    const other = await connect('/dyn-2');
    const note = heard(other, 'parents');
    assert.equal(await ask(child, 'parent-emit', 'parents', [1, 2]), true);
    assert.deepEqual(await note, [1, 2]);
    custom.disconnect();
    await settled(main, child);
    assert.equal(main.connected && child.connected, true);
  });

  test('is refused by a namespace, with the reason', async () => {
    const refused = raw('/auth', { auth: { token: 'wrong' } });
    const [error] = await event(refused, 'connect_error');
    assert.equal(error.message, 'not authorized');
    assert.deepEqual(error.data, { code: 'E_AUTH', retry: false, token: 'wrong' });
    const admitted = await connect('/auth', { auth: { token: 'secret' } });
    assert.equal((await ask(admitted, 'whoami')).nsp, '/auth');
    const unknown = raw('/unknown');
    const [invalid] = await event(unknown, 'connect_error');
    assert.equal(invalid.message, 'Invalid namespace');
  });

  test('hears from a packet middleware', async () => {
    const socket = await connect();
    const error = heard(socket, 'mw-error');
    socket.emit('blocked', 1);
    assert.deepEqual(await error, ['blocked event']);
    await settled(socket);
  });

  describe('disconnect', () => {
    const ends = [
      ['by the client', (socket) => socket.disconnect(), 'io client disconnect', 'client namespace disconnect'],
      ['by the server', (socket) => socket.emit('bye', false), 'io server disconnect', 'server namespace disconnect'],
      ['by the server, with the connection', (socket) => socket.emit('bye', true), 'io server disconnect', 'server namespace disconnect'],
      ['by a dropped connection', (socket) => socket.emit('drop'), 'transport close', 'forced close'],
      ['by closing the engine', (socket) => socket.io.engine.close(), 'forced close', 'transport close'],
    ];
    for (const [what, act, client, serverSide] of ends) {
      test(`${what}: ${client} | ${serverSide}`, async () => {
        const tag = unique('tag');
        const socket = await connect('/', { auth: { tag } });
        const end = event(socket, 'disconnect');
        act(socket);
        const [reason] = await end;
        assert.equal(reason, client);
        assert.equal(socket.connected, false);
        assert.equal(await reasonOf(tag), serverSide);
      });
    }

    test('leaves rooms and counts behind', async () => {
      const observer = await connect('/dyn-77');
      const sockets = await several(5, '/dyn-77');
      for (const socket of sockets) await ask(socket, 'join', [unique('room')]);
      assert.equal((await ask(observer, 'stats')).sockets, 6);
      for (const socket of sockets) socket.disconnect();
      await within(5000, (async () => {
        while ((await ask(observer, 'stats')).sockets !== 1) await delay(10);
      })(), 'baseline');
      assert.equal((await ask(observer, 'stats')).rooms, 1);
    });
  });

  test('comes back by itself after a drop, under a new id', async () => {
    const socket = await connect('/', { reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 50 });
    const before_ = socket.id;
    for (let i = 0; i < 3; i++) {
      const again = event(socket, 'connect');
      socket.emit('drop');
      await again;
    }
    assert.notEqual(socket.id, before_);
    await settled(socket);
    const sent = ask(socket, 'message-with-ack', 'first'); // sent and acknowledged within one life
    assert.equal(await sent, 'first');
  });

  test('sends what was emitted before the connection was there', async () => {
    const socket = raw();
    const back = recorded(socket, 'message-back');
    for (let i = 0; i < 100; i++) socket.emit('message', i);
    await settled(socket);
    assert.deepEqual(back.map(([i]) => i), Array.from({ length: 100 }, (_, i) => i));
  });

  test('carries big messages both ways', async () => {
    const socket = await connect();
    const text = 'ä'.repeat(250_000);
    assert.equal(await ask(socket, 'message-with-ack', text), text);
    const data = Buffer.alloc(500_000, 0x5a);
    assert.deepEqual(bytes(await ask(socket, 'message-with-ack', data)), data);
    for (const [kind, size] of [['text', 500_000], ['binary', 500_000], ['text', 3_000_000]]) {
      const big = heard(socket, 'big-back');
      socket.emit('big', size, kind);
      const [got] = await big;
      if (kind === 'text') assert.ok(got === 'x'.repeat(size));
      else assert.ok(bytes(got).equals(Buffer.alloc(size, 0xab)));
    }
  });

  test('is flooded with 10,000 events, in order', async () => {
    const socket = await connect();
    const items = recorded(socket, 'flood-item');
    assert.equal(await ask(socket, 'flood', 10_000), 10_000);
    assert.equal(items.length, 10_000);
    assert.ok(items.every(([item], i) => item === i));
  });

  test('floods with 5,000 events, in order', async () => {
    const socket = await connect();
    const back = recorded(socket, 'message-back');
    for (let i = 0; i < 5000; i++) socket.emit('message', i);
    await settled(socket);
    assert.equal(back.length, 5000);
    assert.ok(back.every(([item], i) => item === i));
  });

  test('may miss volatile events but nothing else', async () => {
    const socket = await connect();
    const items = recorded(socket, 'vol');
    const end = heard(socket, 'vol-end');
    socket.emit('volatile-burst', 2000);
    assert.deepEqual(await end, [2000]);
    assert.ok(items.length <= 2000);
    assert.ok(items.every(([item], i) => i === 0 || item > items[i - 1][0]), 'in order, none twice');
    await settled(socket);
  });
}

for (const release of releases) {
  for (const transport of Object.keys(transports)) {
    describe(`socket.io-client ${release.name}, ${transport}`, () => suite(release, transport));
  }

  describe(`socket.io-client ${release.name}, while it upgrades`, () => {
    it('loses, doubles and swaps nothing', async () => {
      for (let good = 0, round = 0; good < 4; round++) {
        assert.ok(round < 40, 'a session still on polling when the messages begin');
        const socket = release.io(server.http, { transports: ['polling', 'websocket'], forceNew: true, reconnection: false });
        const back = recorded(socket, 'message-back');
        const flood = recorded(socket, 'flood-item');
        let upgraded = false;
        await event(socket, 'connect');
        if (socket.io.engine.transport.name !== 'polling') { // the upgrade was quicker than the CONNECT packet
          socket.disconnect();
          continue;
        }
        good++;
        socket.io.engine.once('upgrade', () => { upgraded = true; });
        const flooded = asked(socket, 'flood', 500);
        let sent = 0;
        const until = Date.now() + 5000;
        while (sent < 500 || (!upgraded && Date.now() < until)) {
          socket.emit('message', sent++, ...(sent % 50 ? [] : [Buffer.from('bin')]));
          if (sent % 10 === 0) await delay(1);
        }
        assert.ok(upgraded, 'upgraded');
        await flooded;
        await settled(socket);
        assert.deepEqual(back.map(([i]) => i), Array.from({ length: sent }, (_, i) => i));
        assert.deepEqual(flood.map(([i]) => i), Array.from({ length: 500 }, (_, i) => i));
        socket.disconnect();
      }
    });
  });
}

describe('engine.io-client 6', () => {
  for (const [name, options] of Object.entries(transports)) {
    it(`echoes over ${name}`, async () => {
      const socket = new engine.Socket(server.ws, { ...options, path: '/engine.io/' });
      socket.binaryType = 'nodebuffer';
      const got = [];
      const all = within(5000, new Promise((resolve) => {
        socket.on('message', (data) => { if (got.push(data) === 300) resolve(); });
      }), 'echoes');
      await event(socket, 'open');
      const sent = Array.from({ length: 300 }, (_, i) => (i % 2 ? `text ${i} \u{1F600}` : Buffer.from(`binary ${i}`)));
      for (const [i, item] of sent.entries()) {
        socket.send(item);
        if (i % 20 === 0) await delay(1);
      }
      await all;
      assert.deepEqual(got.map((item) => (typeof item === 'string' ? item : Buffer.from(item))), sent);
      const end = event(socket, 'close');
      socket.close();
      assert.equal((await end)[0], 'forced close');
    });
  }
});
