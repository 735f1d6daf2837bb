// Engine.IO revision 3 and Socket.IO protocol 4 by hand: golden/old_protocol.json is what Socket.IO's own server
// (socket.io 4.8.4 with the same app) sent and answered, byte by byte. RECORD=1 writes it anew, which is of use only
// with SERVER_CMD naming that server and STRICTER=0.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { scenarios } from './lib/old_scenarios.mjs';
import { Wire } from './lib/wire.mjs';
import { startServer, stricter, within } from './lib/server.mjs';

const file = new URL('golden/old_protocol.json', import.meta.url);
const record = process.env.RECORD === '1';

let server;
before(async () => { server = await startServer('matrix'); });
after(() => server?.stop());

describe('the bytes of old clients', async () => {
  const golden = record ? {} : JSON.parse(await readFile(file, 'utf8'));
  for (const [name, run] of Object.entries(scenarios)) {
    it(name, async () => {
      const lines = await run(server);
      if (record) golden[name] = lines;
      else assert.deepEqual(lines, golden[name]);
    });
  }
  if (record) after(() => writeFile(file, `${JSON.stringify(golden, null, 1)}\n`));
  else it('are all recorded', () => assert.deepEqual(Object.keys(golden), Object.keys(scenarios)));
});

describe('refusals', () => {
  const at = (query) => fetch(`${server.http}/socket.io/?${query}`);
  const told = async (answer, code, message) => {
    assert.equal(answer.status, code === 4 ? 403 : 400);
    assert.equal(await answer.text(), JSON.stringify({ code, message }));
  };

  it('an unknown session', async () => {
    await told(await at('EIO=3&transport=polling&sid=abcdefghijklmnopqrst'), 1, 'Session ID unknown');
  });
  it('by the application', async () => {
    await told(await at('EIO=3&transport=polling&deny=no'), 4, 'no');
    await told(await at('EIO=3&transport=polling&deny='), 4, 'Forbidden');
  });
  it('of a session of the other revision', async () => {
    for (const [first, then] of [['3', '4'], ['4', '3']]) {
      const open = await (await at(`EIO=${first}&transport=polling`)).text();
      const sid = /"sid":"([^"]+)/.exec(open)[1];
      await told(await at(`EIO=${then}&transport=polling&sid=${sid}`), 3, 'Bad request');
    }
  });
});

describe('heartbeat', { concurrency: true }, () => {
  const deadline = 6500; // ping interval and timeout of the profile
  const dropped = async (wire, since) => {
    await wire.closed(deadline + 4000);
    assert.ok(Date.now() - since >= deadline - 50, `closed after ${Date.now() - since} ms`);
  };

  it('drops a silent client', async () => {
    const since = Date.now();
    const wire = await Wire.open(`${server.ws}/engine.io/?EIO=3&transport=websocket`, { pongs: false });
    await wire.next();
    await dropped(wire, since);
  });

  if (stricter) it('drops a client that falls silent with the upgrade', async () => {
    const since = Date.now();
    const open = await (await fetch(`${server.http}/engine.io/?EIO=3&transport=polling`)).text();
    const sid = /"sid":"([^"]+)/.exec(open)[1];
    const wire = await Wire.open(`${server.ws}/engine.io/?EIO=3&transport=websocket&sid=${sid}`, { pongs: false });
    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
    wire.send('5');
    await dropped(wire, since);
  });

  it('keeps a client that pings', async () => {
    const wire = await Wire.open(`${server.ws}/engine.io/?EIO=3&transport=websocket`, { pongs: false });
    await wire.next();
    const until = Date.now() + deadline + 1500;
    while (Date.now() < until) {
      wire.send('2');
      assert.equal(await wire.next(), '3');
      await new Promise((resolve) => { setTimeout(resolve, 1500); });
    }
    wire.send('4alive');
    assert.equal(await within(3000, wire.next(), 'echo'), '4alive');
    await wire.close();
  });
});
