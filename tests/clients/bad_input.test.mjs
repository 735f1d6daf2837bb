// Bad input of every kind against one server, and a bystander whose round trip stays below two seconds all the time.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { releases } from './lib/deps.mjs';
import { Polling, Wire, connectRaw, exchange, join } from './lib/wire.mjs';
import { event, startServer, stricter, within } from './lib/server.mjs';

let server;
let bystander;
before(async () => {
  server = await startServer('matrix');
  bystander = releases[0].io(server.http, { transports: ['websocket'], reconnection: false });
  await event(bystander, 'connect');
});
afterEach(async () => {
  assert.ok(server.alive(), 'the server is gone');
  await within(2000, new Promise((resolve) => { bystander.emit('message-with-ack', 1, resolve); }), "the bystander's answer");
});
after(async () => {
  bystander?.disconnect();
  await server?.stop();
});

const socketio = '/socket.io/?EIO=4&transport=';
const head = (line, ...headers) => [line, 'Host: x', ...headers, '', ''].join('\r\n');
const status = (answer) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const openWire = async () => {
  const wire = await Wire.open(`${server.ws}${socketio}websocket`);
  await wire.next();
  return wire;
};
const joined = async (transport = 'websocket') => {
  const raw = await connectRaw(server, transport);
  await join(raw);
  return raw;
};

/** Bytes over a fresh TCP connection that is then left half open; closed at the end of the test file's process. */
function halfOpen(bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1', () => socket.write(bytes, () => resolve(socket)));
    socket.on('error', reject);
    socket.unref();
  });
}

describe('HTTP', () => {
  const garbage = [
    ['bytes', '\x00\x01\x02\xff\xfe\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['no request line', '\r\n\r\nhello\r\n\r\n'],
    ['another protocol', 'PING / REDIS\r\n\r\n'],
    ['a line without end', `GET /${'a'.repeat(100_000)}`],
    ['a header without end', `GET / HTTP/1.1\r\nX: ${'a'.repeat(100_000)}`],
    ['thousands of headers', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(20_000)}\r\n`],
    ['a bad header name', head('GET / HTTP/1.1', 'Bad Name: x')],
    ['a bad content length', head('POST / HTTP/1.1', 'Content-Length: -1')],
    ['two content lengths', head('POST / HTTP/1.1', 'Content-Length: 1', 'Content-Length: 2')],
    ['length and chunks', head('POST / HTTP/1.1', 'Content-Length: 5', 'Transfer-Encoding: chunked')],
    ['a bad chunk', `${head('POST / HTTP/1.1', 'Transfer-Encoding: chunked')}zz\r\n`],
  ];
  for (const [what, bytes] of garbage) {
    it(`is refused: ${what}`, async () => {
      const answer = await exchange(server.port, Buffer.from(bytes, 'latin1'), { ms: 4000, keep: true });
      if (answer !== '') assert.ok(status(answer) >= 400, answer.slice(0, 200));
      assert.ok(!answer.includes('"sid"'));
    });
  }

  it('waits for half-open requests without harm', async () => {
    const partial = ['', 'G', 'GET /socket.io/', head(`GET ${socketio}polling HTTP/1.1`).slice(0, -2),
      `${head(`POST ${socketio}polling HTTP/1.1`, 'Content-Length: 1000')}4x`,
      head(`GET ${socketio}websocket HTTP/1.1`, 'Upgrade: websocket', 'Connection: Upgrade').slice(0, -4)];
    const sockets = await Promise.all(Array.from({ length: 300 }, (_, i) => halfOpen(partial[i % partial.length])));
    await within(2000, new Promise((resolve) => { bystander.emit('message-with-ack', 1, resolve); }), "the bystander's answer");
    for (const socket of sockets) socket.destroy();
  });

  it('takes headers that come a byte at a time', async () => {
    const request = head(`GET ${socketio}polling HTTP/1.1`, 'Connection: close');
    const socket = net.connect(server.port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    let answer = '';
    socket.on('data', (chunk) => { answer += chunk; });
    const end = event(socket, 'close', 8000);
    for (const byte of request) await new Promise((resolve) => { socket.write(byte, resolve); });
    await end;
    assert.equal(status(answer), 200);
  });

  const queries = ['', '?', '?EIO', '?EIO=4', '?EIO=4&transport',
    '?EIO=4&transport=polling&sid=', '?EIO=4&transport=polling&sid=%00', `?EIO=4&transport=polling&sid=${'a'.repeat(5000)}`,
    '?EIO=4&transport=%ff%fe', '?EIO=4&transport=polling&sid=../../etc/passwd', '?EIO=4&EIO=3&transport=carrier',
    '?__proto__=1&constructor=2', '?%', '?EIO=4&transport=polling%', `?${'a=b&'.repeat(1000)}`];
  for (const query of queries) {
    it(`answers the query ${JSON.stringify(query.slice(0, 60))}`, async () => {
      const answer = await exchange(server.port, head(`GET /socket.io/${query} HTTP/1.1`, 'Connection: close'));
      assert.ok(answer !== null, 'no answer');
      if (query === '?EIO=4&transport=polling&sid=') assert.ok([200, 400].includes(status(answer)), answer);
      else assert.equal(status(answer), 400, answer);
    });
  }

  it('answers 413 to a long body, announced or not', async () => {
    const announced = await Polling.open(server.http, '/socket.io/');
    assert.equal((await announced.post(`4${'x'.repeat(1_000_001)}`)).status, 413);
    const { pathname, search } = new URL((await Polling.open(server.http, '/socket.io/')).url);
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const answer = await exchange(server.port,
      head(`POST ${pathname}${search} HTTP/1.1`, 'Transfer-Encoding: chunked') + chunk.repeat(20), { keep: true });
    assert.ok(answer === '' || status(answer) === 413, answer.slice(0, 100));
  });

  it('announces a huge body and gets no memory for it', async () => {
    const { pathname, search } = new URL((await Polling.open(server.http, '/socket.io/')).url);
    const answer = await exchange(server.port,
      `${head(`POST ${pathname}${search} HTTP/1.1`, 'Content-Length: 999999999999')}4x`, { keep: true, ms: 1000 });
    assert.ok(answer === '' || status(answer) === 413, answer.slice(0, 100));
  });
});

describe('WebSocket handshake', () => {
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  const bad = [
    ['no key', ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']],
    ['a bad key', ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13']],
    ['version 99', [...upgrade, 'Sec-WebSocket-Version: 99']],
    ['no version', upgrade],
    ['another upgrade', ['Upgrade: h2c', 'Connection: Upgrade']],
  ];
  for (const [what, headers] of bad) {
    it(`is refused: ${what}`, async () => {
      const answer = await exchange(server.port, head(`GET ${socketio}websocket HTTP/1.1`, ...headers, 'X: y'), { keep: true, ms: 1500 });
      assert.ok(status(answer) >= 400 && status(answer) < 500, answer.slice(0, 100));
    });
  }

  it('is refused: POST', async () => {
    const answer = await exchange(server.port,
      head(`POST ${socketio}websocket HTTP/1.1`, ...upgrade, 'Sec-WebSocket-Version: 13', 'Content-Length: 0'), { keep: true, ms: 1500 });
    assert.ok(answer === '' || status(answer) >= 400, answer.slice(0, 100));
  });

  it('is forgotten when the client goes at once', async () => {
    for (let i = 0; i < 100; i++) {
      const socket = await halfOpen(head(`GET ${socketio}websocket HTTP/1.1`, ...upgrade, 'Sec-WebSocket-Version: 13'));
      socket.on('error', () => {});
      socket.resetAndDestroy();
    }
  });
});

describe('WebSocket frames', () => {
  const mask = [0, 0, 0, 0];
  const frames = [
    ['not masked', [0x81, 0x02, 0x34, 0x78], 1002],
    ['reserved bit', [0xc1, 0x81, ...mask, 0x34], 1002],
    ['reserved opcode', [0x83, 0x80, ...mask], 1002],
    ['reserved control opcode', [0x8b, 0x80, ...mask], 1002],
    ['fragmented ping', [0x09, 0x80, ...mask], 1002],
    ['long ping', [0x89, 0xfe, 0x00, 0x7e, ...mask], 1002],
    ['continuation of nothing', [0x80, 0x81, ...mask, 0x34], 1002],
    ['text within a fragmented text', [0x01, 0x81, ...mask, 0x34, 0x81, 0x81, ...mask, 0x34], 1002],
    ['length of 2^63', [0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, ...mask], 'error'],
    ['length of a terabyte', [0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, ...mask], 1009],
    ['not UTF-8', [0x81, 0x83, ...mask, 0x34, 0xff, 0xfe], 1007],
    ['a surrogate in UTF-8', [0x81, 0x84, ...mask, 0x34, 0xed, 0xa0, 0x80], 1007],
    ['close with a bad code', [0x88, 0x82, ...mask, 0x03, 0xe7], 1002],
    ['close of one byte', [0x88, 0x81, ...mask, 0x03], 1002],
  ];
  for (const [what, bytes, code] of frames) {
    it(`closes on: ${what}`, async () => {
      const wire = await openWire();
      wire.socket._socket.write(Buffer.from(bytes));
      const end = await wire.closed();
      if (code === 'error') assert.ok(end.code >= 1002, String(end.code));
      else assert.equal(end.code, code);
    });
  }

  it('answers pings in the midst of a fragmented message', async () => {
    const raw = await joined();
    const pong = event(raw.wire.socket, 'pong');
    raw.wire.send('42["mess', { fin: false });
    raw.wire.socket.ping('data');
    raw.wire.send('age","x"]', { fin: true });
    assert.equal(String((await pong)[0]), 'data');
    assert.equal(await raw.next(), '2["message-back","x"]');
    await raw.close();
  });

  it('takes a flood of pings and empty fragments', async () => {
    const raw = await joined();
    for (let i = 0; i < 5000; i++) raw.wire.socket.ping('x');
    raw.wire.send('42["message","y"]', { fin: false });
    for (let i = 0; i < 5000; i++) raw.wire.send('', { fin: false });
    raw.wire.send('', { fin: true });
    assert.equal(await raw.next(), '2["message-back","y"]');
    await raw.close();
  });

  it('closes with 1009 on a message over the limit, whole or in fragments', async () => {
    const whole = await joined();
    whole.wire.send(`42["message","${'x'.repeat(1_000_000)}"]`);
    assert.equal((await whole.closed()).code, 1009);
    const parts = await joined();
    for (let i = 0; i < 20; i++) parts.wire.send('x'.repeat(60_000), { fin: false });
    assert.equal((await parts.closed()).code, 1009);
  });
});

describe('Socket.IO', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const deepObject = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

  /** It may echo, refuse or close; what matters is asked of the bystander afterwards. */
  const outlived = async (packet, transport) => {
    const raw = await connectRaw(server, transport);
    await join(raw);
    await raw.send(packet);
    await raw.next().catch((error) => assert.match(error.message, /closed|poll: 400|mw-error/));
    await raw.close();
  };
  if (stricter) {
    for (const transport of ['websocket', 'polling']) {
      for (const [what, json] of [['lists', deep], ['objects', deepObject]]) {
        it(`outlives 100,000 nested ${what} over ${transport}`, async () => {
          await outlived(`2["message",${json}]`, transport);
          await outlived(`21["message-with-ack",${json}]`, transport);
        });
        it(`outlives 100,000 nested ${what} as connect payload over ${transport}`, async () => {
          for (const nsp of ['', '/auth,', '/none,']) {
            const raw = await connectRaw(server, transport);
            const payload = what === 'objects' ? json : `{"token":${json}}`;
            await raw.send(`0${nsp}${payload}`);
            await raw.next().catch((error) => assert.match(error.message, /closed|poll: 400/));
            await raw.close();
          }
        });
      }
    }
  }

  it('outlives JSON that never ends', async () => {
    for (const json of ['['.repeat(100_000), '{"a":'.repeat(50_000), '"'.padEnd(100_000, '\\'), '1'.repeat(100_000), '-', '1e99999999']) {
      const raw = await joined();
      await raw.send(`2["message",${json}`);
      await raw.closed();
    }
  });

  it('echoes numbers with a hundred thousand digits as some number', async () => {
    const raw = await joined();
    await raw.send(`2["message",0.${'1'.repeat(100_000)}]`);
    const answer = await raw.next().catch(() => '2["message-back",0]');
    assert.match(answer, /^2\["message-back",/);
    await raw.close();
  });

  it('closes on attachments announced by the billion', async () => {
    for (const count of ['11', '999999999', '99999999999999999999']) {
      const raw = await joined();
      await raw.send(`5${count}-["message"]`);
      await raw.closed();
    }
  });

  it('keeps room for few attachments, however long they take', async () => {
    const raw = await joined();
    await raw.send('510-["message"]', ...Array.from({ length: 9 }, () => Buffer.alloc(1000)));
    await raw.close();
  });

  it('takes a flood of unknown namespaces', async () => {
    const raw = await joined();
    for (let i = 0; i < 2000; i++) raw.wire.send(`40/none-${i},`);
    for (let i = 0; i < 2000; i++) assert.equal(await raw.next(), `4/none-${i},{"message":"Invalid namespace"}`);
    await raw.close();
  });

  it('takes a flood of namespaces made by pattern', async () => {
    const raw = await joined();
    for (let i = 0; i < 500; i++) raw.wire.send(`40/dyn-${100 + i},`);
    for (let i = 0; i < 1000; i++) await raw.next().catch((error) => { throw new Error(`after ${i}: ${error.message}`); });
    await raw.close();
  });

  it('takes a flood of rooms', async () => {
    const raw = await joined();
    for (let i = 0; i < 2000; i++) raw.wire.send(`42["join",["room-${i}"]]`);
    raw.wire.send('421["message-with-ack"]');
    assert.equal(await raw.next(), '31[]');
    await raw.close();
  });

  it('takes a flood of acks that nobody asked for', async () => {
    const raw = await joined();
    for (let i = 0; i < 20_000; i++) raw.wire.send(`43${i}[1]`);
    raw.wire.send('421["message-with-ack"]');
    assert.equal(await raw.next(), '31[]');
    await raw.close();
  });

  it('goes on when handlers get arguments they do not expect', async () => {
    const raw = await joined();
    const wrong = ['2["join"]', '2["join",1]', '2["join",[1,null,{}]]', '2["leave",{}]', '2["size"]', '2["ask-many",-1]', '2["volatile-burst","x"]',
      '2["set-data",null]', '2["set-data",[1]]', '2["whoami",1]', '2["flood","x"]', '2["ask",1]', '2["message-with-ack"]'];
    if (stricter) wrong.push('2["op-emit"]', '2["op-emit",1,2,3]', '2["op-fetch",null]', '2["big",-1]', '2["big","x","binary"]', '2["make-binary",-5]');
    for (const packet of wrong) {
      // the socket may be told or may be closed; nobody else notices
      const one = await joined();
      await one.send(packet);
      await one.close();
    }
    await raw.send('21["message-with-ack",1]');
    assert.equal(await raw.next(), '31[1]');
    await raw.close();
  });

  it('takes 300 connections that come and go, 30 at once', async () => {
    for (let turn = 0; turn < 10; turn++) {
      await Promise.all(Array.from({ length: 30 }, async (_, i) => {
        const raw = await joined(i % 3 ? 'websocket' : 'polling');
        await raw.close();
      }));
    }
  });
});
