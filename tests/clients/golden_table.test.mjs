// One row per odd packet: what comes back, whether the connection is closed, and why the server says the socket left.
//
// The table is what Socket.IO's own server does (socket.io 4.8.4 with socket.io-parser 4.2.7, engine.io 6.6.12). Engine.IO 4
// over WebSocket, joined to "/", profile conformance.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Wire } from './lib/wire.mjs';
import { startServer, unique } from './lib/server.mjs';

let server;
let observer;
before(async () => {
  server = await startServer('conformance');
  observer = await client('observer');
  await observer.wire.next();
});
after(async () => {
  await observer?.wire.close();
  await server?.stop();
});

async function client(tag) {
  const wire = await Wire.open(`${server.ws}/socket.io/?EIO=4&transport=websocket`);
  await wire.next(); // open
  wire.send(`40{"tag":"${tag}"}`);
  assert.match(await wire.next(), /^40\{"sid"/);
  return { wire, tag };
}

/** The server-side reason with which the socket of that tag left `nsp`. */
let question = 0;
async function reasonOf(tag) {
  const id = ++question;
  observer.wire.send(`42${id}["reason-of","${tag}"]`);
  const answer = await observer.wire.next(8000);
  assert.ok(answer.startsWith(`43${id}[`), answer);
  return JSON.parse(answer.slice(`43${id}`.length))[0];
}

const stays = { stays: true };
const closes = (reason) => ({ closes: true, reason });
const binary = (text) => Buffer.from(text);
const hole = (num) => `{"_placeholder":true,"num":${num}}`;

// frames sent in order, frames that come back, then: stays or closes with that reason
const rows = [
  ['unknown Socket.IO type', ['4abc'], [], closes('forced close')],
  ['engine garbage', ['x'], [], closes('parse error')],
  ['ping from the client', ['2'], [], closes('transport error')],
  ['empty message', ['4'], [], closes('forced close')],
  ['event without payload', ['42'], [], stays],
  ['event without name', ['42[]'], [], closes('forced close')],
  ['event with the empty name', ['42[""]'], [], stays],
  ['event named by a number', ['42[1]'], [], stays],
  ['reserved: connect', ['42["connect"]'], [], closes('forced close')],
  ['reserved: connect_error', ['42["connect_error"]'], [], closes('forced close')],
  ['reserved: disconnect', ['42["disconnect"]'], [], closes('forced close')],
  ['reserved: disconnecting', ['42["disconnecting"]'], [], closes('forced close')],
  ['reserved: newListener', ['42["newListener"]'], [], closes('forced close')],
  ['reserved: removeListener', ['42["removeListener"]'], [], closes('forced close')],
  ['signed ack id', ['42-1["a"]'], [], closes('forced close')],
  ['ack id without payload', ['421'], [], stays],
  ['ack id past 2^64', ['42123456789012345678["a"]'], [], stays],
  ['ack without id', ['43["a"]'], [], stays],
  ['disconnect with a payload', ['41{"a":1}'], [], closes('forced close')],
  ['second connect', ['40'], [], closes('forced close')],
  ['event of a namespace not joined', ['42/nsp,["a"]'], [], closes('forced close')],
  ['unknown namespace', ['40/none,'], ['44/none,{"message":"Invalid namespace"}'], stays],
  ['unknown namespace without comma', ['40/none'], ['44/none,{"message":"Invalid namespace"}'], stays],
  ['query is part of the name', ['40/nsp?x=1,'], ['44/nsp?x=1,{"message":"Invalid namespace"}'], stays],
  ['list as connect payload', ['40/nsp,[1]'], [], closes('forced close')],
  ['error packet from the client', ['44{"message":"x"}'], [], closes('forced close')],
  ['attachment without header', [binary('x')], [], closes('forced close')],
  ['text instead of an attachment', [`451-["b",${hole(0)}]`, '42["x"]'], [], closes('forced close')],
  ['placeholder out of range', [`451-["b",${hole(3)}]`, binary('x')], [], closes('forced close')],
  ['too many attachments', ['4511-["b"]'], [], closes('forced close')],
  ['binary event with no attachments', ['450-["x"]'], [], closes('forced close')],
  ['ten attachments', [`4510-["x",${hole(9)}]`, ...Array.from({ length: 10 }, () => binary('x'))], [], stays],
];

describe('odd packets', () => {
  for (const [what, sent, answers, end] of rows) {
    it(`${what}: ${sent[0]}`, async () => {
      const { wire, tag } = await client(unique('row'));
      await wire.next(); // the app's auth event
      for (const frame of sent) wire.send(frame);
      for (const answer of answers) assert.equal(await wire.next(), answer);
      if (end.closes) {
        assert.equal((await wire.closed()).code, 1005);
        // the app tells its client of a decoding error, where there is still time for it
        await assert.rejects(async () => assert.match(await wire.next(), /^42\["mw-error",/) ?? wire.next(), /closed/);
        assert.equal(await reasonOf(tag), end.reason);
        return;
      }
      wire.send('4299["message-with-ack","alive"]');
      assert.equal(await wire.next(), '4399["alive"]');
      await wire.close();
      assert.equal(await reasonOf(tag), 'transport close');
    });
  }

  it('event after disconnect: the connection is closed', async () => {
    const { wire, tag } = await client(unique('row'));
    await wire.next();
    wire.send('41');
    assert.equal(await reasonOf(tag), 'client namespace disconnect');
    wire.send('42["x"]');
    assert.equal((await wire.closed()).code, 1005);
  });

  it('disconnect ends this namespace alone: 41 and 41/custom without comma', async () => {
    const { wire, tag } = await client(unique('row'));
    await wire.next();
    wire.send(`40/custom,{"tag":"${tag}"}`);
    assert.match(await wire.next(), /^40\/custom,\{"sid"/);
    await wire.next();
    wire.send('41');
    assert.equal(await reasonOf(tag), 'client namespace disconnect');
    wire.send('42/custom,1["message-with-ack","alive"]');
    assert.equal(await wire.next(), '43/custom,1["alive"]');
    wire.send('40{}');
    assert.match(await wire.next(), /^40\{"sid"/);
    await wire.next();
    wire.send('41/custom');
    wire.send(`422["message-with-ack","alive"]`);
    assert.equal(await wire.next(), '432["alive"]');
    wire.send('40/custom,');
    assert.match(await wire.next(), /^40\/custom,\{"sid"/);
    await wire.next();
    wire.send(`42/custom,3["reason-of","${tag}"]`);
    assert.equal(await wire.next(), '43/custom,3["client namespace disconnect"]');
    await wire.close();
  });
});

describe('other ends', () => {
  const ends = [
    ['the client closes the WebSocket', (wire) => wire.socket.close(), 'transport close'],
    ['the client closes with an error code', (wire) => wire.socket.close(1011), 'transport close'],
    ['the connection is lost', (wire) => wire.socket.terminate(), 'transport close'],
    ['a message over the limit', (wire) => wire.send(`4${'x'.repeat(1_000_001)}`), 'transport error'],
    ['the server disconnects', (wire) => wire.send('42["bye",false]'), 'server namespace disconnect'],
    ['the server disconnects and closes', (wire) => wire.send('42["bye",true]'), 'server namespace disconnect'],
    ['the server drops the connection', (wire) => wire.send('42["drop"]'), 'forced close'],
  ];
  for (const [what, act, reason] of ends) {
    it(what, async () => {
      const { wire, tag } = await client(unique('end'));
      act(wire);
      assert.equal(await reasonOf(tag), reason);
      await wire.close();
    });
  }

  it('no pong', async () => {
    const wire = await Wire.open(`${server.ws}/socket.io/?EIO=4&transport=websocket`, { pongs: false });
    const tag = unique('silent');
    wire.send(`40{"tag":"${tag}"}`);
    await wire.closed();
    assert.equal(await reasonOf(tag), 'ping timeout');
  });
});

describe('handshakes', () => {
  const table = [
    ['no revision', 'GET', '/socket.io/?transport=polling', 400, { code: 5, message: 'Unsupported protocol version' }],
    ['revision 3', 'GET', '/socket.io/?EIO=3&transport=polling', 400, { code: 5, message: 'Unsupported protocol version' }],
    ['websocket without upgrade', 'GET', '/socket.io/?EIO=4&transport=websocket', 400, { code: 3, message: 'Bad request' }],
    ['unknown session', 'GET', '/socket.io/?EIO=4&transport=polling&sid=x', 400, { code: 1, message: 'Session ID unknown' }],
    ['unknown transport', 'GET', '/socket.io/?EIO=4&transport=carrier', 400, { code: 0, message: 'Transport unknown' }],
    ['POST without session', 'POST', '/socket.io/?EIO=4&transport=polling', 400, { code: 2, message: 'Bad handshake method' }],
    ['OPTIONS without CORS', 'OPTIONS', '/engine.io/?EIO=4&transport=polling', 400, { code: 2, message: 'Bad handshake method' }],
  ];
  for (const [what, method, path, status, body] of table) {
    it(what, async () => {
      const answer = await fetch(`${server.http}${path}`, { method });
      assert.equal(answer.status, status);
      assert.equal(await answer.text(), JSON.stringify(body));
    });
  }
});
