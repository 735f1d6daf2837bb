// Engine.IO revision 4 over raw HTTP and raw WebSockets, against the bare echo at /engine.io/ (profile conformance:
// ping every 300 ms, 200 ms to answer, messages up to 1,000,000 bytes).
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Polling, Wire, exchange, refusal } from './lib/wire.mjs';
import { startServer, stricter, within } from './lib/server.mjs';

let server;
before(async () => { server = await startServer('conformance'); });
after(() => server?.stop());

const echo = '/engine.io/';
const at = (query, path = echo) => `${server.http}${path}?${query}`;
const ws = (query, path = echo) => `${server.ws}${path}?${query}`;
const openWire = (options) => Wire.open(ws('EIO=4&transport=websocket'), options);
const openPolling = () => Polling.open(server.http);
const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function refused(url, code, message, init) {
  const answer = await fetch(url, init);
  assert.equal(answer.status, 400);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  assert.equal(await answer.text(), JSON.stringify({ code, message }));
}

/** A WebSocket that is refused, or accepted and closed before anything was sent over it. */
async function turnedAway(url) {
  let wire;
  try {
    wire = await Wire.open(url);
  } catch (error) {
    assert.match(error.message, /Unexpected server response: 400/);
    return;
  }
  await wire.closed();
  await assert.rejects(wire.next(), /closed/);
}

function checkOpen(open, upgrades) {
  assert.deepEqual(Object.keys(open), ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
  assert.match(open.sid, /^[A-Za-z0-9_-]{20}$/);
  assert.deepEqual({ ...open, sid: '' }, { sid: '', upgrades, pingInterval: 300, pingTimeout: 200, maxPayload: 1_000_000 });
}

describe('handshake', () => {
  it('opens over polling', async () => {
    const answer = await fetch(at('EIO=4&transport=polling'));
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/plain; charset=UTF-8$/i);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('set-cookie'), null);
    const body = await answer.text();
    assert.equal(Number(answer.headers.get('content-length')), Buffer.byteLength(body));
    assert.equal(body[0], '0');
    checkOpen(JSON.parse(body.slice(1)), ['websocket']);
  });

  it('opens over WebSocket, where nothing is left to upgrade to', async () => {
    const wire = await openWire();
    const frame = await wire.next();
    assert.equal(frame[0], '0');
    checkOpen(JSON.parse(frame.slice(1)), []);
    await wire.close();
  });

  it('gives every session another id', async () => {
    const sessions = await Promise.all(Array.from({ length: 50 }, openPolling));
    assert.equal(new Set(sessions.map((session) => session.open.sid)).size, 50);
  });

  it('accepts anything behind the path prefix', async () => {
    const answer = await fetch(at('EIO=4&transport=polling', '/engine.io/any/thing'));
    assert.equal(answer.status, 200);
    await answer.text();
  });

  for (const eio of ['', 'EIO=abc&', 'EIO=3&', 'EIO=5&', 'EIO=&', 'EIO=04&']) {
    it(`refuses revision "${eio}" over polling`, () =>
      refused(at(`${eio}transport=polling`), 5, 'Unsupported protocol version'));
    it(`refuses revision "${eio}" over WebSocket`, () => turnedAway(ws(`${eio}transport=websocket`)));
  }

  for (const transport of ['', '&transport=abc', '&transport=', '&transport=webtransport', '&transport=__proto__']) {
    it(`refuses transport "${transport}"`, async () => {
      await refused(at(`EIO=4${transport}`), 0, 'Transport unknown');
      const { status, body } = await refusal(ws(`EIO=4${transport}`));
      assert.equal(status, 400);
      assert.equal(body, 'Transport unknown');
    });
  }

  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    it(`refuses a handshake by ${method}`, () =>
      refused(at('EIO=4&transport=polling'), 2, 'Bad handshake method', { method }));
  }

  it('refuses an unknown session', async () => {
    await refused(at('EIO=4&transport=polling&sid=abcdefghijklmnopqrst'), 1, 'Session ID unknown');
    await refused(at('EIO=4&transport=polling&sid=abcdefghijklmnopqrst'), 1, 'Session ID unknown', { method: 'POST', body: '4x' });
    const { status, body } = await refusal(ws('EIO=4&transport=websocket&sid=abcdefghijklmnopqrst'));
    assert.equal(status, 400);
    assert.equal(body, 'Session ID unknown');
  });

  it('refuses transport=websocket without an upgrade', () =>
    refused(at('EIO=4&transport=websocket'), 3, 'Bad request'));

  it('answers 404 elsewhere', async () => {
    for (const path of ['/', '/engine', '/engine.iox/', '/nothing?EIO=4&transport=polling']) {
      const answer = await fetch(`${server.http}${path}`);
      assert.equal(answer.status, 404, path);
      await answer.text();
    }
  });
});

describe('CORS', () => {
  it('lets every origin in at /socket.io/', async () => {
    const answer = await fetch(at('EIO=4&transport=polling', '/socket.io/'), { headers: { origin: 'http://some.example' } });
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    await answer.text();
  });

  it('answers a preflight', async () => {
    const answer = await fetch(at('EIO=4&transport=polling', '/socket.io/'), {
      method: 'OPTIONS',
      headers: { origin: 'http://some.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(answer.headers.get('access-control-allow-methods'), /POST/);
  });
});

describe('heartbeat', () => {
  it('pings over polling and lives as long as it is answered', async () => {
    const session = await openPolling();
    for (let i = 0; i < 3; i++) {
      assert.equal(await session.poll(), '2');
      const answer = await session.post('3');
      assert.equal(answer.status, 200);
      assert.equal(await answer.text(), 'ok');
      assert.match(answer.headers.get('content-type'), /^text\/html/);
      assert.equal(answer.headers.get('content-length'), '2');
    }
  });

  it('pings over WebSocket and lives as long as it is answered', async () => {
    const wire = await openWire({ pongs: false });
    await wire.next();
    for (let i = 0; i < 3; i++) {
      assert.equal(await wire.next(), '2');
      wire.send('3');
    }
    await wire.close();
  });

  it('ends a polling session whose pong does not come', async () => {
    const session = await openPolling();
    assert.equal(await session.poll(), '2');
    await delay(400);
    assert.equal((await session.get()).status, 400);
  });

  it('ends a polling session that never polls', async () => {
    const session = await openPolling();
    await delay(800);
    await refused(session.url, 1, 'Session ID unknown');
  });

  it('closes a WebSocket whose pong does not come', async () => {
    const begin = Date.now();
    const wire = await openWire({ pongs: false });
    await wire.next();
    assert.equal(await wire.next(), '2');
    await wire.closed();
    assert.ok(Date.now() - begin >= 450, 'not before interval and timeout are over');
  });

  it('does not accept a ping from the client', async () => {
    const wire = await openWire();
    await wire.next();
    wire.send('2');
    await wire.closed();
    const session = await openPolling();
    await session.post('2');
    assert.notEqual((await session.get()).status === 200 && (await session.get()).status, 200);
  });
});

describe('messages', () => {
  it('carries text over polling, one packet or many a body', async () => {
    const session = await openPolling();
    await session.post('4hello');
    assert.equal(await session.packet(), '4hello');
    await session.post('4test1\x1e4test2\x1e4test3');
    for (const text of ['4test1', '4test2', '4test3']) assert.equal(await session.packet(), text);
  });

  it('carries binary over polling as base64, mixed with text', async () => {
    const session = await openPolling();
    await session.post('4a\x1ebAQIDBA==\x1e4b');
    for (const packet of ['4a', 'bAQIDBA==', '4b']) assert.equal(await session.packet(), packet);
  });

  it('puts what is waiting into one answer', async () => {
    const session = await openPolling();
    await session.post('4a\x1e4b');
    await session.post('4c');
    assert.equal((await session.poll()).replace(/(^|\x1e)2(?=\x1e|$)/, ''), '4a\x1e4b\x1e4c');
  });

  it('carries text and binary over WebSocket', async () => {
    const wire = await openWire();
    await wire.next();
    wire.send('4hello');
    assert.equal(await wire.next(), '4hello');
    wire.send(Buffer.from([1, 2, 3, 4]));
    assert.deepEqual(await wire.next(), Buffer.from([1, 2, 3, 4]));
    await wire.close();
  });

  const texts = ['\u{1F600} \u{1D54A}', 'é\u2028\u2029', '\u0000 \u0001', '日本語', '"\\', ' '];
  it('leaves unicode as it is', async () => {
    const wire = await openWire();
    await wire.next();
    const session = await openPolling();
    for (const text of texts) {
      wire.send(`4${text}`);
      assert.equal(await wire.next(), `4${text}`);
      await session.post(`4${text}`);
      assert.equal(await session.packet(), `4${text}`);
    }
    await wire.close();
  });

  it('takes an empty binary message', async () => {
    const wire = await openWire();
    await wire.next();
    wire.send(Buffer.alloc(0));
    assert.deepEqual(await wire.next(), Buffer.alloc(0));
    await wire.close();
  });

  it('takes fragmented WebSocket messages', async () => {
    const wire = await openWire();
    await wire.next();
    wire.send('4he', { fin: false });
    wire.send('ll', { fin: false });
    wire.send('o', { fin: true });
    assert.equal(await wire.next(), '4hello');
    await wire.close();
  });

  it('reads a body whose chunks split a character', async () => {
    const session = await openPolling();
    const body = Buffer.from('4\u{1F600}!');
    const status = await within(3000, new Promise((resolve, reject) => {
      const request = http.request(session.url, { method: 'POST', headers: { 'content-type': 'text/plain;charset=UTF-8' } },
        (response) => { response.resume(); resolve(response.statusCode); });
      request.on('error', reject);
      request.write(body.subarray(0, 3));
      setImmediate(() => request.end(body.subarray(3)));
    }), 'POST');
    assert.equal(status, 200);
    assert.equal(await session.packet(), '4\u{1F600}!');
  });

  it('keeps the order of 2,000 messages', async () => {
    const wire = await openWire();
    await wire.next();
    for (let i = 0; i < 2000; i++) {
      wire.send(`4${i}`);
      if (i % 50 === 49) await new Promise(setImmediate); // pings are to be answered within 200 ms, also where all this takes longer
    }
    for (let i = 0; i < 2000; i++) assert.equal(await wire.next(), `4${i}`);
    await wire.close();
  });

  it('takes a message as long as the limit', async () => {
    const body = `4${'x'.repeat(999_999)}`;
    const wire = await openWire();
    await wire.next();
    wire.send(body);
    assert.equal(await wire.next(), body);
    await wire.close();
    const session = await openPolling();
    assert.equal((await session.post(body)).status, 200);
    assert.equal(await session.packet(), body);
  });

  it('serves many sessions over one kept connection', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (url, method = 'GET', body = '') => within(5000, new Promise((resolve, reject) => {
      const headers = method === 'POST' ? { 'content-type': 'text/plain', 'content-length': body.length } : {};
      const request = http.request(url, { agent, method, headers }, (response) => {
        let text = '';
        const port = response.socket.localPort;
        response.on('data', (chunk) => { text += chunk; });
        response.on('end', () => resolve({ status: response.statusCode, text, port }));
      });
      request.on('error', reject);
      request.end(body);
    }), 'request');
    const sids = [];
    for (let i = 0; i < 8; i++) sids.push(JSON.parse((await ask(at('EIO=4&transport=polling'))).text.slice(1)).sid);
    const ports = new Set();
    for (const sid of sids) ports.add((await ask(at(`EIO=4&transport=polling&sid=${sid}`), 'POST', `4to ${sid}`)).port);
    for (const sid of sids) assert.match((await ask(at(`EIO=4&transport=polling&sid=${sid}`))).text, new RegExp(`4to ${sid}`));
    assert.equal(ports.size, 1);
    agent.destroy();
  });
});

describe('bad packets', () => {
  for (const [what, body] of [['an unknown type', 'abc'], ['an empty body', ''], ['bad base64 length', '\x1e'], ['an open packet', '8']]) {
    it(`ends a polling session on ${what}`, async () => {
      const session = await openPolling();
      const answer = await session.post(body);
      await answer.text();
      const next = await session.get();
      const text = await next.text();
      assert.ok(next.status === 400 || text === '1', `${next.status} ${text}`);
      assert.equal((await session.get()).status, 400);
    });
  }

  it('closes a WebSocket on an unknown type', async () => {
    const wire = await openWire();
    await wire.next();
    wire.send('abc');
    await wire.closed();
  });

  it('refuses a binary body in revision 4', async () => {
    const session = await openPolling();
    const answer = await session.post(Buffer.from([4, 1]), { 'content-type': 'application/octet-stream' });
    assert.equal(answer.status, 400);
    assert.equal((await session.get()).status, 400);
  });

  it('refuses another method on a session', async () => {
    const session = await openPolling();
    const answer = await fetch(session.url, { method: 'PUT', body: '4x' });
    assert.ok([400, 500].includes(answer.status), String(answer.status));
  });

  it('refuses a session under another revision', () => openPolling().then((session) =>
    refused(session.url.replace('EIO=4', 'EIO=3'), 3, 'Bad request')));

  it('answers 413 to a body over the limit', async () => {
    const session = await openPolling();
    const answer = await session.post(`4${'x'.repeat(1_000_001)}`);
    assert.equal(answer.status, 413);
  });

  it('closes a WebSocket with 1009 on a message over the limit', async () => {
    const wire = await openWire();
    await wire.next();
    wire.send(`4${'x'.repeat(1_000_001)}`);
    assert.equal((await wire.closed()).code, 1009);
  });
});

describe('two requests at once', () => {
  it('ends the session on a second poll', async () => {
    const session = await openPolling();
    const first = session.get().then(async (answer) => ({ status: answer.status, text: await answer.text() }));
    await delay(20);
    const second = await session.get();
    assert.ok([400, 500].includes(second.status), String(second.status));
    assert.deepEqual(await first, { status: 200, text: '1' });
    assert.equal((await session.get()).status, 400);
  });

  it('ends the session on a second POST', async () => {
    const session = await openPolling();
    const first = http.request(session.url, { method: 'POST', headers: { 'content-length': 10 } });
    first.on('error', () => {});
    first.write('4he');
    await delay(50);
    assert.equal((await session.post('4second')).status, 400);
    first.destroy();
    assert.equal((await session.get()).status, 400);
  });

  it('ends the session when the client gives its poll up', async () => {
    const session = await openPolling();
    const abort = new AbortController();
    const poll = session.get({ signal: abort.signal }).catch((error) => error.name);
    await delay(50);
    abort.abort();
    assert.equal(await poll, 'AbortError');
    await delay(50);
    await refused(session.url, 1, 'Session ID unknown');
  });
});

describe('close', () => {
  it('ends the waiting poll with a noop when the client closes', async () => {
    const session = await openPolling();
    const poll = session.poll();
    await delay(20);
    assert.equal((await session.post('1')).status, 200);
    assert.equal(await poll, '6');
    assert.equal((await session.get()).status, 400);
  });

  it('closes the WebSocket after a close packet, at the next missing pong at the latest', async () => {
    const wire = await openWire({ pongs: false });
    await wire.next();
    wire.send('1');
    await wire.closed();
  });

  it('answers a close frame', async () => {
    const wire = await openWire();
    await wire.next();
    wire.socket.close(1000);
    assert.equal((await wire.closed()).code, 1000);
  });
});

describe('upgrade', () => {
  const probe = async (session) => {
    const wire = await Wire.open(ws(`EIO=4&transport=websocket&sid=${session.open.sid}`));
    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
    return wire;
  };
  const upgraded = async () => {
    const session = await openPolling();
    const wire = await probe(session);
    wire.send('5');
    return { session, wire };
  };

  it('moves a session from polling to WebSocket', async () => {
    const { wire } = await upgraded();
    wire.send('4hello');
    assert.equal(await wire.next(), '4hello');
    await wire.close();
  });

  it('ends the waiting poll with a noop', async () => {
    const session = await openPolling();
    const poll = session.poll();
    const wire = await probe(session);
    assert.equal(await poll, '6');
    wire.send('5');
    wire.send('4hello');
    assert.equal(await wire.next(), '4hello');
    await wire.close();
  });

  it('repeats the noop for polls opened before the upgrade is over', async () => {
    const session = await openPolling();
    const wire = await probe(session);
    for (let i = 0; i < 2; i++) assert.match(await session.poll(), /^[26](\x1e[26])*$/);
    await wire.close();
  });

  it('sends what came during the probe over polling or WebSocket, once and in order', async () => {
    const session = await openPolling();
    const wire = await probe(session);
    await session.post('4one\x1e4two');
    const polled = (await session.poll()).split('\x1e').filter((packet) => packet[0] === '4');
    await session.post('4three');
    wire.send('5');
    wire.send('4four');
    const got = [...polled];
    while (got.at(-1) !== '4four') got.push(await wire.next());
    assert.deepEqual(got, ['4one', '4two', '4three', '4four']);
    await wire.close();
  });

  if (stricter) it('delivers a POST that is in flight while the upgrade ends', async () => {
    const session = await openPolling();
    const wire = await probe(session);
    const slow = http.request(session.url, { method: 'POST', headers: { 'content-type': 'text/plain', 'content-length': 5 } });
    const status = new Promise((resolve, reject) => {
      slow.on('response', (response) => { response.resume(); resolve(response.statusCode); });
      slow.on('error', reject);
    });
    slow.write('4sl');
    await delay(50);
    wire.send('5');
    await delay(50);
    slow.end('ow');
    assert.equal(await within(3000, status, 'answer of the POST'), 200);
    assert.equal(await wire.next(), '4slow');
    await wire.close();
  });

  it('refuses polling after the upgrade, and the session lives on', async () => {
    const { session, wire } = await upgraded();
    wire.send('4a');
    assert.equal(await wire.next(), '4a');
    await refused(session.url, 3, 'Bad request');
    await refused(session.url, 3, 'Bad request', { method: 'POST', body: '4x' });
    wire.send('4b');
    assert.equal(await wire.next(), '4b');
    await wire.close();
  });

  it('closes a second WebSocket after the upgrade, and the session lives on', async () => {
    const { session, wire } = await upgraded();
    const second = await Wire.open(ws(`EIO=4&transport=websocket&sid=${session.open.sid}`));
    await second.closed();
    wire.send('4hello');
    assert.equal(await wire.next(), '4hello');
    await wire.close();
  });

  it('closes a second WebSocket during the upgrade, and the first one goes on', async () => {
    const session = await openPolling();
    const wire = await probe(session);
    const second = await Wire.open(ws(`EIO=4&transport=websocket&sid=${session.open.sid}`));
    await second.closed();
    wire.send('5');
    wire.send('4hello');
    assert.equal(await wire.next(), '4hello');
    await wire.close();
  });

  for (const [what, frame] of [['a message', '4x'], ['a ping of another kind', '2other']]) {
    it(`closes a WebSocket that begins with ${what}, and polling goes on`, async () => {
      const session = await openPolling();
      const wire = await Wire.open(ws(`EIO=4&transport=websocket&sid=${session.open.sid}`));
      wire.send(frame);
      await wire.closed();
      await session.post('4still here');
      assert.equal(await session.packet(), '4still here');
    });
  }

  it('goes on over polling when the probing WebSocket is lost', async () => {
    const session = await openPolling();
    const wire = await probe(session);
    await wire.close();
    await session.post('4still here');
    assert.equal(await session.packet(), '4still here');
  });

  it('pings an upgraded session, and closes it without a pong', async () => {
    const session = await openPolling();
    const wire = await Wire.open(ws(`EIO=4&transport=websocket&sid=${session.open.sid}`), { pongs: false });
    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
    wire.send('5');
    assert.equal(await wire.next(), '2');
    wire.send('3');
    assert.equal(await wire.next(), '2');
    await wire.closed();
  });
});

describe('one connection after another', () => {
  it('serves pipelined handshakes in order', async () => {
    const request = `GET ${echo}?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await exchange(server.port, request.repeat(3) + request.replace('Host: x', 'Host: x\r\nConnection: close'));
    assert.equal((answer.match(/HTTP\/1\.1 200/g) ?? []).length, 4);
    assert.equal(new Set(answer.match(/"sid":"[^"]+"/g)).size, 4);
  });
});
