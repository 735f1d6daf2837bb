// Socket.IO protocol 5 by hand over WebSocket and over polling (profile conformance: 1 s to join a namespace).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectRaw, join } from './lib/wire.mjs';
import { startServer, stricter, unique } from './lib/server.mjs';

let server;
before(async () => { server = await startServer('conformance'); });
after(() => server?.stop());

/** What comes until a round trip is through: nothing else was sent, and the connection lives. */
async function quiet(raw, prefix = '') {
  const word = unique('still');
  await raw.send(`2${prefix}["message","${word}"]`);
  assert.equal(await raw.next(), `2${prefix}["message-back","${word}"]`);
}

for (const transport of ['websocket', 'polling']) {
  const open = () => connectRaw(server, transport);
  const joined = async (nsp, auth) => {
    const raw = await open();
    raw.id = await join(raw, nsp, auth);
    return raw;
  };

  describe(`${transport}: connect`, () => {
    it('joins the main namespace', async () => {
      const raw = await open();
      await raw.send('0');
      const answer = await raw.next();
      assert.match(answer, /^0\{"sid":"[A-Za-z0-9_-]{20}"\}$/);
      assert.notEqual(JSON.parse(answer.slice(1)).sid, raw.open.sid, "a socket's id must not tell the session's");
      assert.equal(await raw.next(), '2["auth",{}]');
      await raw.close();
    });

    it('joins with a payload', async () => {
      const raw = await open();
      await raw.send('0{"token":"123"}');
      assert.match(await raw.next(), /^0\{"sid":"[^"]+"\}$/);
      assert.equal(await raw.next(), '2["auth",{"token":"123"}]');
      await raw.close();
    });

    for (const packet of ['0/custom,', '0/custom']) {
      it(`joins a custom namespace by ${packet}`, async () => {
        const raw = await open();
        await raw.send(packet);
        assert.match(await raw.next(), /^0\/custom,\{"sid":"[^"]+"\}$/);
        assert.equal(await raw.next(), '2/custom,["auth",{}]');
        await raw.close();
      });
    }

    it('joins a custom namespace with a payload', async () => {
      const raw = await open();
      await raw.send('0/custom,{"token":"abc","deep":{"list":[1,null,"x"]}}');
      assert.match(await raw.next(), /^0\/custom,\{"sid":"[^"]+"\}$/);
      assert.equal(await raw.next(), '2/custom,["auth",{"token":"abc","deep":{"list":[1,null,"x"]}}]');
      await raw.close();
    });

    it('joins a namespace made by pattern', async () => {
      const raw = await open();
      await raw.send('0/dyn-7,');
      assert.match(await raw.next(), /^0\/dyn-7,\{"sid":"[^"]+"\}$/);
      assert.equal(await raw.next(), '2/dyn-7,["auth",{}]');
      await raw.close();
    });

    it('refuses an unknown namespace', async () => {
      for (const nsp of ['/random', '/dyn-', '/dyn-x', '/custom/', '/CUSTOM', '/none?x=1', 'custom']) {
        const raw = await open();
        await raw.send(`0${nsp.startsWith('/') ? nsp : `/x/${nsp}`},`);
        const name = nsp.startsWith('/') ? nsp : `/x/${nsp}`;
        assert.equal(await raw.next(), `4${name},{"message":"Invalid namespace"}`);
        await raw.close();
      }
    });

    it('stays usable after a refusal', async () => {
      const raw = await open();
      await raw.send('0/random,');
      assert.equal(await raw.next(), '4/random,{"message":"Invalid namespace"}');
      await join(raw);
      await quiet(raw);
      await raw.close();
    });

    it('asks the middleware of a namespace', async () => {
      const raw = await open();
      await raw.send('0/auth,{"token":"wrong"}');
      assert.equal(await raw.next(),
        '4/auth,{"message":"not authorized","data":{"code":"E_AUTH","retry":false,"token":"wrong"}}');
      await raw.send('0/auth,');
      assert.equal(await raw.next(),
        '4/auth,{"message":"not authorized","data":{"code":"E_AUTH","retry":false,"token":null}}');
      await raw.send('0/auth,{"token":"secret"}');
      assert.match(await raw.next(), /^0\/auth,\{"sid":"[^"]+"\}$/);
      assert.equal(await raw.next(), '2/auth,["auth",{"token":"secret"}]');
      await raw.close();
    });

    it('closes when no namespace is joined in time', async () => {
      const begin = Date.now();
      const raw = await open();
      await raw.closed();
      assert.ok(Date.now() - begin >= 900, 'not before the timeout');
    });

    it('closes in time also after a refusal', async () => {
      const raw = await open();
      await raw.send('0/random,');
      await raw.next();
      await raw.closed();
    });

    for (const first of ['4abc', '2["message","x"]', '1', '0[1]', '0"x"', 'abc', '']) {
      it(`closes on the first packet ${JSON.stringify(first)}`, async () => {
        const raw = await open();
        await raw.send(first);
        await raw.closed();
      });
    }
  });

  describe(`${transport}: disconnect`, () => {
    it('leaves the main namespace, the connection stays', async () => {
      const raw = await joined('/');
      await raw.send('1');
      await join(raw, '/custom');
      await quiet(raw, '/custom,');
      await raw.close();
    });

    it('leaves one namespace, the others stay', async () => {
      const raw = await joined('/');
      await join(raw, '/custom');
      await raw.send('1/custom,');
      await quiet(raw);
      await join(raw, '/custom');
      await quiet(raw, '/custom,');
      await raw.close();
    });

    it('joins again after leaving, under a new id', async () => {
      const raw = await joined('/');
      await raw.send('1');
      await join(raw, '/custom'); // a round trip
      const id = await join(raw);
      assert.notEqual(id, raw.id);
      await quiet(raw);
      await raw.close();
    });

    it('is disconnected by the server from one namespace only', async () => {
      const raw = await joined('/');
      await join(raw, '/custom');
      await raw.send('2/custom,["bye",false]');
      assert.equal(await raw.next(), '1/custom,');
      await quiet(raw);
      await raw.close();
    });

    it('is disconnected by the server altogether', async () => {
      const raw = await joined('/');
      await raw.send('2["bye",true]');
      assert.equal(await raw.next(), '1');
      await raw.closed();
    });
  });

  describe(`${transport}: messages`, () => {
    it('carries text', async () => {
      const raw = await joined('/');
      await raw.send('2["message",1,"2",{"3":[true]}]');
      assert.equal(await raw.next(), '2["message-back",1,"2",{"3":[true]}]');
      await raw.close();
    });

    it('carries attachments', async () => {
      const raw = await joined('/');
      const [a, b] = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
      await raw.send('52-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', a, b);
      assert.equal(await raw.next(),
        '52-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
      assert.deepEqual(await raw.next(), a);
      assert.deepEqual(await raw.next(), b);
      await raw.close();
    });

    it('carries ten attachments, nested, in a namespace', async () => {
      const raw = await joined('/custom');
      const holes = Array.from({ length: 10 }, (_, num) => ({ _placeholder: true, num }));
      const buffers = holes.map((_, i) => Buffer.alloc(i, i));
      const json = JSON.stringify([{ list: holes.slice(0, 5), more: { deep: holes.slice(5) } }]).slice(1);
      await raw.send(`510-/custom,["message",${json}`, ...buffers);
      assert.equal(await raw.next(), `510-/custom,["message-back",${json}`);
      for (const buffer of buffers) assert.deepEqual(await raw.next(), buffer);
      await raw.close();
    });

    // Node sends the attachment once for each place; ours once for both, so that a relay never grows a message.
    it('relays one attachment that stands in two places', async () => {
      const raw = await joined('/');
      await raw.send('51-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]', Buffer.from('x'));
      const header = await raw.next();
      const count = header.startsWith('51-') ? 1 : 2;
      assert.equal(header,
        `5${count}-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":${count - 1}}]`);
      for (let i = 0; i < count; i++) assert.deepEqual(await raw.next(), Buffer.from('x'));
      await raw.close();
    });

    it('acknowledges text', async () => {
      const raw = await joined('/');
      await raw.send('2456["message-with-ack",1,"2",{"3":[false]}]');
      assert.equal(await raw.next(), '3456[1,"2",{"3":[false]}]');
      await raw.send('20["message-with-ack"]');
      assert.equal(await raw.next(), '30[]');
      await raw.send('29007199254740991["message-with-ack","x"]');
      assert.equal(await raw.next(), '39007199254740991["x"]');
      await raw.close();
    });

    it('acknowledges attachments', async () => {
      const raw = await joined('/');
      const [a, b] = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
      await raw.send('52-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', a, b);
      assert.equal(await raw.next(), '62-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
      assert.deepEqual(await raw.next(), a);
      assert.deepEqual(await raw.next(), b);
      await raw.close();
    });

    it('acknowledges in a namespace', async () => {
      const raw = await joined('/custom');
      await raw.send('2/custom,7["message-with-ack","x"]');
      assert.equal(await raw.next(), '3/custom,7["x"]');
      await raw.close();
    });

    it('acknowledges once', async () => {
      const raw = await joined('/');
      await raw.send('25["ack-twice"]');
      assert.equal(await raw.next(), '35[1]');
      await quiet(raw);
      await raw.close();
    });

    it('asks the client and takes text for an answer', async () => {
      const raw = await joined('/');
      await raw.send('2["emit-with-ack",1,"2"]');
      const [, id] = (await raw.next()).match(/^2(\d+)\["emit-with-ack",1,"2"\]$/);
      await raw.send(`3${id}["answer",{"x":1}]`);
      assert.equal(await raw.next(), '2["emit-with-ack","answer",{"x":1}]');
      await raw.send(`3${id}["again"]`, '3999999["unknown"]', '3["without id"]');
      await quiet(raw);
      await raw.close();
    });

    it('asks the client and takes attachments for an answer', async () => {
      const raw = await joined('/');
      await raw.send('51-["emit-with-ack",{"_placeholder":true,"num":0}]', Buffer.from('q'));
      const [, id] = (await raw.next()).match(/^51-(\d+)\["emit-with-ack",\{"_placeholder":true,"num":0\}\]$/);
      assert.deepEqual(await raw.next(), Buffer.from('q'));
      await raw.send(`61-${id}[{"_placeholder":true,"num":0}]`, Buffer.from('a'));
      assert.equal(await raw.next(), '51-["emit-with-ack",{"_placeholder":true,"num":0}]');
      assert.deepEqual(await raw.next(), Buffer.from('a'));
      await raw.close();
    });

    it('keeps two namespaces of one connection apart', async () => {
      const raw = await joined('/');
      const other = await join(raw, '/custom');
      assert.notEqual(other, raw.id);
      await raw.send('21["message-with-ack","main"]', '2/custom,1["message-with-ack","custom"]', '2["message","m"]',
        '2/custom,["message","c"]');
      assert.equal(await raw.next(), '31["main"]');
      assert.equal(await raw.next(), '3/custom,1["custom"]');
      assert.equal(await raw.next(), '2["message-back","m"]');
      assert.equal(await raw.next(), '2/custom,["message-back","c"]');
      await raw.close();
    });

    it('tells of a middleware error by event alone', async () => {
      const raw = await joined('/');
      await raw.send('23["blocked",1]');
      assert.equal(await raw.next(), '2["mw-error","blocked event"]');
      await quiet(raw);
      await raw.close();
    });

    it('ignores events that nobody handles', async () => {
      const raw = await joined('/');
      await raw.send('2["nobody",1]', '25["nobody"]', '2["never-ack"]', '26["never-ack"]', '2["toString"]', '2["__proto__",1]');
      await quiet(raw);
      await raw.close();
    });

    it('keeps text as it is', async () => {
      const raw = await joined('/');
      for (const json of ['"\u{1F600}"', '"\\ud800"', '"\\udc00x"', '"\u2028\u2029"', '"\\u0000"', '{"__proto__":{"a":1}}',
        '9007199254740991', '-0.5', '1e+300', '5e-324', '{"":""}', '[[],{},null,true,false]', '"\\\\\\"/"', '{"a":1,"b":{"c":[1,2,3]}}']) {
        await raw.send(`2["message",${json}]`);
        assert.equal(await raw.next(), `2["message-back",${json}]`);
      }
      await raw.close();
    });
  });

  describe(`${transport}: bad packets`, () => {
    const bad = ['2{}', '2abc["message-with-ack"]', '2["message"', '2["connect"]', '2["disconnect"]', '2["connect_error"]',
      '2["disconnecting"]', '2["newListener"]', '2["removeListener"]', '9', '5["message"]', '5x-["message"]', '511-["message"]', '2[null]',
      '2[{}]', '3{}', '2/custom,["message","not joined"]', '3/custom,1[]', '1{"a":1}', '0', '4{"message":"from a client"}',
      '2-1["message"]', '2["message"]x', "2['message']", '2["\u0001"]', '2[NaN]', '2["message",01]', '2["message",]'];
    for (const packet of bad) {
      it(`closes on ${JSON.stringify(packet)}`, async () => {
        const raw = await joined('/');
        await raw.send(packet);
        await raw.closed();
      });
    }

    it('closes on text where an attachment is due', async () => {
      const raw = await joined('/');
      await raw.send('51-["message",{"_placeholder":true,"num":0}]', '2["message","x"]');
      await raw.closed();
    });

    it('closes on an attachment where none is due', async () => {
      const raw = await joined('/');
      await raw.send(Buffer.from('x'));
      await raw.closed();
    });

    for (const num of ['1', '-1', ...(stricter ? ['0.5'] : []), '"0"', 'null', '1e9']) {
      it(`closes on placeholder ${num}`, async () => {
        const raw = await joined('/');
        await raw.send(`51-["message",{"_placeholder":true,"num":${num}}]`, Buffer.from('x'));
        await raw.closed();
      });
    }
  });
}
