// Clients that lose their connection and come back (profile matrix, PORT+2): socket.io-client 4.8 over every transport, with
// both parsers, with and without middleware.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { io } from 'socket.io-client';
import msgpack from 'socket.io-msgpack-parser';
import { startServer, stricter, unique, within } from './lib/server.mjs';

const transports = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };
const patience_ms = 8000;

const heard = (socket, event) =>
  within(patience_ms, new Promise((resolve) => { socket.once(event, (...args) => resolve(args)); }), `event ${event}`);
const ask = (socket, ...args) => socket.timeout(patience_ms).emitWithAck(...args);

/** A server with recovery, and clients of it. */
class Place {
  constructor(env, options = {}) {
    this.env = env;
    this.options = options;
    this.open = new Set();
  }
  async start() {
    this.server = await startServer('matrix', this.env);
    this.url = `http://127.0.0.1:${this.server.port + 2}`;
  }
  async stop() {
    for (const socket of this.open) socket.disconnect();
    await this.server?.stop();
  }
  client(nsp = '/', more = {}) {
    const socket = io(`${this.url}${nsp}`, { forceNew: true, reconnection: false, ...this.options, ...more });
    this.open.add(socket);
    return socket;
  }
  /** A client that is in, and has heard one event: without one nobody can come back. */
  async joined(nsp, more) {
    const socket = this.client(nsp, more);
    await heard(socket, 'auth');
    return socket;
  }
  /** Loses the connection; the server knows it when this returns. */
  async lose(socket, observer) {
    const tag = socket.auth.tag;
    socket.io.engine.close();
    assert.ok(await ask(observer, 'reason-of', tag));
  }
  /** Comes back; gives what it hears up to `auth`, which the app emits to everybody who comes. */
  async back(socket) {
    // The server may know first; and a client in the middle of an upgrade closes after it.
    if (socket.connected) await heard(socket, 'disconnect');
    const events = [];
    socket.onAny((...args) => events.push(args));
    socket.connect();
    await heard(socket, 'auth');
    socket.offAny();
    events.pop();
    return events;
  }
}
const tagged = (more = {}) => ({ auth: { tag: unique('tag') }, ...more });

/** The last argument, the offset, is what the wire adds. */
const plain = (events) => events.map((args) => args.slice(0, -1));

function comesBack(name, place, more = {}) {
  describe(name, () => {
    it('gets back its id, rooms and data, and what it missed in order', async () => {
      const room = unique('room');
      const observer = await place.joined('/', more);
      const client = await place.joined('/', tagged(more));
      const { id } = client;
      assert.equal(client.recovered, false);
      assert.deepEqual(await ask(client, 'join', [room]), [room]);
      await ask(client, 'set-data', { name: 'anna', list: [1, { x: null }] });
      await place.lose(client, observer);

      const emit = (o, ...event) => ask(observer, 'op-emit', o, event[0], event.slice(1));
      await emit({ to: [room] }, 'news', 1);
      await emit({ to: [id] }, 'direct', 2, Buffer.from([0, 1, 255]));
      await emit({}, 'all', 3);
      await emit({ to: [unique('other')] }, 'not for it', 4);
      await emit({ except: [room] }, 'not for it', 5);
      await emit({ to: [room], volatile: true }, 'not kept', 6);
      await emit({ to: [room] }, 'binary', { a: [Buffer.from('abc')], b: Buffer.alloc(0) }, 7);
      const missed = await place.back(client);

      assert.equal(client.recovered, true);
      assert.equal(client.id, id);
      assert.deepEqual(plain(missed), [
        ['news', 1], ['direct', 2, Buffer.from([0, 1, 255])], ['all', 3], ['binary', { a: [Buffer.from('abc')], b: Buffer.alloc(0) }, 7],
      ]);
      const me = await ask(client, 'whoami');
      assert.deepEqual([me.id, me.rooms, me.recovered, me.app], [id, [room], true, 'recovery']);
      assert.deepEqual(await ask(client, 'set-data', {}), { name: 'anna', list: [1, { x: null }] });
      const next = heard(client, 'news');
      await emit({ to: [room] }, 'news', 8);
      assert.equal((await next)[0], 8);
    });

    it('gets nothing twice when it missed nothing', async () => {
      const observer = await place.joined('/', more);
      const client = await place.joined('/', tagged(more));
      for (let round = 0; round < 3; round++) {
        await place.lose(client, observer);
        assert.deepEqual(await place.back(client), []);
        assert.equal(client.recovered, true);
      }
    });

    it('comes back by itself, again and again, while others talk: no gap, no duplicate', async () => {
      const room = unique('room');
      const observer = await place.joined('/', more);
      const client = await place.joined('/', { ...more, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 60 });
      await ask(client, 'join', [room]);
      // What was decoded in the turn that lost the connection waits in the client, which asks for it again: it would come twice.
      client.io.on('reconnect_attempt', () => { client.receiveBuffer.length = 0; });
      const numbers = [];
      client.on('n', (number) => numbers.push(number));
      let sent = 0;
      for (let round = 0; round < 5; round++) {
        const returned = heard(client, 'connect');
        client.io.engine.close();
        let back = false;
        returned.then(() => { back = true; });
        while (!back) await ask(observer, 'op-emit', { to: [room] }, 'n', [sent++]);
        assert.equal(client.recovered, true, `round ${round}`);
      }
      const last = heard(client, 'last');
      await ask(observer, 'op-emit', { to: [room] }, 'last', []);
      await last;
      assert.ok(sent > 5);
      assert.deepEqual(numbers, Array.from({ length: sent }, (_, i) => i));
    });

    it('comes back to several namespaces of one connection', async () => {
      const nsps = ['/', '/custom', `/dyn-${process.pid}`];
      const observers = [];
      const clients = [];
      const auth = { tag: unique('tag') };
      for (const nsp of nsps) observers.push(await place.joined(nsp, more));
      const first = await place.joined('/', { ...more, auth });
      clients.push(first);
      for (const nsp of nsps.slice(1)) {
        const socket = first.io.socket(nsp, { auth });
        clients.push(socket);
        await heard(socket, 'auth');
      }
      first.io.engine.close();
      for (const [i, observer] of observers.entries()) {
        assert.ok(await ask(observer, 'reason-of', auth.tag));
        await ask(observer, 'op-emit', {}, 'missed', [i]);
      }
      const all = await Promise.all(clients.map((socket) => place.back(socket)));
      assert.deepEqual(all.map(plain), nsps.map((_, i) => [['missed', i]]));
      assert.deepEqual(clients.map((socket) => socket.recovered), [true, true, true]);
    });

    it('begins anew after it has left, or was made to leave', async () => {
      const observer = await place.joined('/', more);
      for (const leave of [(s) => s.disconnect(), (s) => s.emit('bye', false), (s) => s.emit('bye', true)]) {
        const client = await place.joined('/', tagged(more));
        const { id } = client;
        leave(client);
        assert.match(await ask(observer, 'reason-of', client.auth.tag), /namespace disconnect/);
        assert.deepEqual(await place.back(client), []);
        assert.equal(client.recovered, false);
        assert.notEqual(client.id, id);
      }
    });

    it('comes back after the server has dropped the connection', async () => {
      const client = await place.joined('/', tagged(more));
      const gone = heard(client, 'disconnect');
      client.emit('drop');
      assert.equal((await gone)[0], 'transport close');
      await place.back(client);
      assert.equal(client.recovered, true);
    });
  });
}

describe('socket.io-client 4.8', () => {
  const place = new Place();
  before(() => place.start());
  after(() => place.stop());
  for (const [name, list] of Object.entries(transports)) comesBack(`over ${name}`, place, { transports: list });

  it('is let in without middleware', async () => {
    const observer = await place.joined('/auth', { auth: { token: 'secret' } });
    const client = await place.joined('/auth', { auth: { token: 'secret', tag: unique('tag') } });
    await place.lose(client, observer);
    client.auth = { token: 'wrong' };
    await place.back(client);
    assert.equal(client.recovered, true);
  });

  it('begins anew in the middle of nothing: no event was heard, or the ticket is of another namespace', async () => {
    const observer = await place.joined('/custom');
    const client = await place.joined('/custom', tagged());
    await place.lose(client, observer);
    const stranger = await place.joined('/');
    Object.assign(stranger, { _pid: client._pid, _lastOffset: client._lastOffset });
    stranger.io.engine.close();
    await place.back(stranger);
    assert.equal(stranger.recovered, false);
    await place.back(client);
    assert.equal(client.recovered, true);
  });

  if (stricter) {
    it('is one of two with the same ticket, the other begins anew', async () => {
      const observer = await place.joined('/');
      const client = await place.joined('/', tagged());
      const twin = await place.joined('/', tagged());
      await place.lose(twin, observer);
      await place.lose(client, observer);
      Object.assign(twin, { _pid: client._pid, _lastOffset: client._lastOffset });
      await Promise.all([place.back(client), place.back(twin)]);
      assert.notEqual(client.recovered, twin.recovered);
      assert.notEqual(client.id, twin.id);
    });
  }
});

describe('socket.io-client 4.8 with msgpack', () => {
  const place = new Place({ RECOVERY_PARSER: 'msgpack' }, { parser: msgpack });
  before(() => place.start());
  after(() => place.stop());
  for (const [name, list] of Object.entries(transports)) comesBack(`over ${name}`, place, { transports: list });

  it('misses values that JSON has no word for', async () => {
    const observer = await place.joined('/');
    const client = await place.joined('/', tagged());
    await place.lose(client, observer);
    const values = [undefined, new Date(5), NaN, [Buffer.from([1]), 'text']];
    await ask(observer, 'op-emit', {}, 'odd', values);
    assert.deepEqual(plain(await place.back(client)), [['odd', ...values]]);
  });
});

describe('where middleware is asked and time is short', () => {
  const place = new Place({ RECOVERY_SKIP: '0', RECOVERY_MS: '1000' });
  before(() => place.start());
  after(() => place.stop());

  it('a client is refused, and comes back with the right token', async () => {
    const observer = await place.joined('/auth', { auth: { token: 'secret' } });
    const client = await place.joined('/auth', { auth: { token: 'secret', tag: unique('tag') } });
    await place.lose(client, observer);
    const { auth } = client;
    client.auth = { token: 'wrong' };
    const refused = heard(client, 'connect_error');
    client.connect();
    assert.equal((await refused)[0].message, 'not authorized');
    client.io.engine.close();
    client.auth = auth;
    await place.back(client);
    assert.equal(client.recovered, true);
  });

  it('a client that comes too late begins anew, and its rooms are empty', async () => {
    const observer = await place.joined('/');
    const client = await place.joined('/', tagged());
    await ask(client, 'join', ['late']);
    await place.lose(client, observer);
    await ask(observer, 'op-emit', { to: ['late'] }, 'missed', [1]);
    await delay(1100);
    assert.deepEqual(await place.back(client), []);
    assert.equal(client.recovered, false);
    assert.deepEqual((await ask(client, 'whoami')).rooms, []);
  });
});
