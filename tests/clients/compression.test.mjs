// Compression as the released clients ask for it: deflated WebSocket messages both ways, compressed polls,
// the cookie. Against the app of profile matrix (threshold 1024).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';
import { WebSocket, releases } from './lib/deps.mjs';
import { event, startServer, stricter, within } from './lib/server.mjs';

let server;
before(async () => { server = await startServer('matrix'); });
after(() => server?.stop());

/** A WebSocket session with the default namespace joined; counts what comes over TCP. */
async function joined(perMessageDeflate) {
  const socket = new WebSocket(`${server.http.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate });
  const heard = [];
  const waiting = [];
  socket.on('message', (data, binary) => {
    const item = binary ? data : String(data);
    if (item === '2') return socket.send('3');
    if (waiting.length) waiting.shift()(item);
    else heard.push(item);
  });
  let response;
  socket.on('upgrade', (incoming) => { response = incoming; });
  await event(socket, 'open');
  const next = () => within(8000, heard.length ? Promise.resolve(heard.shift()) : new Promise((resolve) => { waiting.push(resolve); }), 'message');
  await next();
  socket.send('40');
  assert.match(await next(), /^40/);
  assert.match(await next(), /^42\["auth"/);
  const received = () => socket._socket.bytesRead;
  return { socket, next, received, extensions: response.headers['sec-websocket-extensions'] ?? '' };
}

const get = (path, headers = {}) => within(8000, new Promise((resolve, reject) => {
  http.get(`${server.http}${path}`, { headers }, (response) => {
    const parts = [];
    response.on('data', (part) => parts.push(part));
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
  }).on('error', reject);
}), path);

const post = (path, body) => within(8000, fetch(`${server.http}${path}`, { method: 'POST', body }), path);

describe('permessage-deflate with ws', () => {
  it('is negotiated without context takeover', { skip: !stricter }, async () => {
    const { socket, extensions } = await joined(true);
    assert.equal(extensions, 'permessage-deflate; server_no_context_takeover; client_no_context_takeover');
    socket.terminate();
  });

  it('is not used by a client that does not offer it', async () => {
    const { socket, next, extensions } = await joined(false);
    assert.equal(extensions, '');
    socket.send('420["message-with-ack","a"]');
    assert.equal(await next(), '430["a"]');
    socket.terminate();
  });

  it('makes large messages small both ways, again and again', async () => {
    const { socket, next, received } = await joined({ threshold: 0 });
    const text = 'gossamer '.repeat(20_000);
    const before = received();
    for (let i = 0; i < 5; i++) {
      socket.send(`42${i}["message-with-ack","${text}"]`);
      assert.equal(await next(), `43${i}["${text}"]`);
    }
    assert.ok(received() - before < text.length / 10, `${received() - before} bytes`);
    socket.terminate();
  });

  it('survives what does not deflate, in text and binary, of every size', async () => {
    const { socket, next } = await joined({ threshold: 0 });
    for (const size of [0, 1, 700, 1023, 1024, 1025, 16_384, 65_535, 65_536, 500_000]) {
      const noise = randomBytes(size);
      socket.send(`451-["message",{"_placeholder":true,"num":0}]`);
      socket.send(noise);
      assert.equal(await next(), '451-["message-back",{"_placeholder":true,"num":0}]');
      assert.deepEqual(await next(), noise);
      const hex = noise.toString('hex').slice(0, size);
      socket.send(`42["message","${hex}"]`);
      assert.equal(await next(), `42["message-back","${hex}"]`);
    }
    socket.terminate();
  });

  it('ends a bomb with 1009 and a bystander does not notice', async () => {
    const bystander = await joined(true);
    const { socket } = await joined({ threshold: 0 });
    const closed = event(socket, 'close');
    socket.send(Buffer.alloc(100_000_000));
    assert.equal((await closed)[0], 1009);
    bystander.socket.send('420["message-with-ack",1]');
    assert.equal(await bystander.next(), '430[1]');
    bystander.socket.terminate();
  });

  it('gives broadcasts to clients with it and without it', async () => {
    const clients = [await joined(true), await joined(false), await joined(true)];
    const text = 'to all of you '.repeat(500);
    clients[0].socket.send(`420["op-emit",{"from":"io"},"news",["${text}"]]`);
    for (const { next } of clients) {
      let heard = await next();
      if (heard === '430[true]') heard = await next();
      assert.equal(heard, `42["news","${text}"]`);
    }
    for (const { socket } of clients) socket.terminate();
  });
});

for (const release of releases) {
  describe(`socket.io-client ${release.name} with perMessageDeflate`, () => {
    for (const transports of [['websocket'], ['polling', 'websocket'], ['polling']]) {
      it(`over ${transports.join(' and ')}`, async () => {
        const socket = release.io(server.http, { transports, forceNew: true, reconnection: false, perMessageDeflate: { threshold: 0 } });
        await event(socket, 'connect');
        const ask = (...args) => within(8000, new Promise((resolve) => { socket.emit('message-with-ack', ...args, (...answer) => resolve(answer)); }), 'ack');
        const text = 'x'.repeat(100_000);
        assert.deepEqual(await ask(text, { a: [1] }), [text, { a: [1] }]);
        const [back] = await ask(Buffer.alloc(50_000, 7));
        assert.deepEqual(Buffer.from(back), Buffer.alloc(50_000, 7));
        socket.disconnect();
      });
    }
  });
}

describe('polling', () => {
  const text = 'y'.repeat(5000);
  const open = async () => {
    const { headers, body } = await get('/socket.io/?EIO=4&transport=polling');
    const path = `/socket.io/?EIO=4&transport=polling&sid=${JSON.parse(String(body).slice(1)).sid}`;
    await post(path, '40');
    await get(path);
    return { path, cookie: headers['set-cookie'] };
  };
  const echoed = async (path, accept) => {
    await post(path, `42["message","${text}"]`);
    let answer = await get(path, accept ? { 'accept-encoding': accept } : {});
    while (String(answer.body) === '2') answer = await get(path, accept ? { 'accept-encoding': accept } : {});
    return answer;
  };
  const whole = new RegExp(`42\\["message-back","${text}"\\]`);

  it('is compressed as the client asks for it', async () => {
    const { path } = await open();
    const gzip = await echoed(path, 'gzip, deflate, br');
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.match(String(gunzipSync(gzip.body)), whole);
    const deflate = await echoed(path, 'gzip;q=0, deflate');
    assert.equal(deflate.headers['content-encoding'], 'deflate');
    assert.match(String(inflateSync(deflate.body)), whole);
    const plain = await echoed(path);
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.match(String(plain.body), whole);
  });

  it('sets its cookie on the handshake', async () => {
    const { path, cookie } = await open();
    const sid = new URL(path, server.http).searchParams.get('sid');
    assert.deepEqual(cookie, [`io=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
    assert.equal((await post(path, '42["message",1]')).headers.get('set-cookie'), null);
  });
});
