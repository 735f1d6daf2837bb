// Connection state recovery, byte by byte: the same frames go to the conformance app and to the same app on Socket.IO's own
// server (oracle/app.mjs); what comes back has to be the same, ids and offsets aside.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServer, unique, within } from './lib/server.mjs';
import { Polling, Wire } from './lib/wire.mjs';

const away_ms = 1000;
let ours;
let node;
before(async () => {
  const app = fileURLToPath(new URL('oracle/app.mjs', import.meta.url));
  const env = { RECOVERY_MS: String(away_ms) };
  [ours, node] = await Promise.all([startServer('matrix', env), startServer('matrix', env, [process.execPath, app])]);
});
after(() => Promise.all([ours?.stop(), node?.stop()]));

/** What one client sees, line by line. `scenario` has the names of its ids. */
class Visitor {
  constructor(scenario, name) {
    Object.assign(this, { scenario, name, tag: unique('tag'), offsets: [] });
  }
  async connect(transport = 'websocket', eio = 4) {
    const { port } = this.scenario;
    if (transport === 'websocket') {
      this.wire = await Wire.open(`ws://127.0.0.1:${port}/socket.io/?EIO=${eio}&transport=websocket&tag=${this.tag}`);
      const open = JSON.parse((await this.wire.next(8000)).slice(1));
      if (eio === 3) this.scenario.known(open.sid, `${this.name}.sid`);
    } else {
      this.polling = await Polling.open(`http://127.0.0.1:${port}`, '/socket.io/', `&tag=${this.tag}`);
    }
  }
  async send(...items) {
    for (const item of items) {
      if (this.wire) this.wire.send(item);
      else await this.polling.post(typeof item === 'string' ? item : `b${item.toString('base64')}`);
    }
  }
  async next() {
    const frame = this.wire ? await this.wire.next(8000) : await this.polling.packet();
    const offset = typeof frame === 'string' && /^4[25]\d?-?(?:\/[^,]+,)?\[.*,"([\w.-]{1,20})"\]$/s.exec(frame);
    if (offset) this.offsets.push(offset[1]);
    const shown = typeof frame !== 'string' ? `<${frame.toString('hex')}>`
      : offset ? frame.replace(/"[\w.-]+"\]$/, '"<offset>"]') : frame;
    const ids = /^40(?:\/[^,]+,)?\{"sid":"([^"]+)"(?:,"pid":"([^"]+)")?\}$/.exec(shown);
    if (ids) {
      this.scenario.known(ids[1], `${this.name}.sid`);
      this.scenario.known(ids[2], `${this.name}.pid`);
      this.pid ??= ids[2];
    }
    this.scenario.say(`${this.name} got: ${shown}`);
    return frame;
  }
  async take(count) { for (let i = 0; i < count; i++) await this.next(); }
  /** Joins, and takes the answer and `auth`. */
  async join(nsp = '', auth = {}) {
    await this.send(`40${nsp}${JSON.stringify(auth)}`);
    await this.take(2);
  }
  /** The connection breaks; the server knows it when this returns. */
  async lose(observer, nsp = '') {
    if (this.wire) await this.wire.close();
    else await this.polling.post('1');
    this.wire = this.polling = undefined;
    await observer.send(`42${nsp}9["reason-of","${this.tag}"]`);
    await observer.next();
  }
  ticket(offset = this.offsets.at(-1)) { return { pid: this.pid, offset }; }
  async end() {
    if (this.wire) await this.wire.close();
    else if (this.polling) await this.polling.post('1').catch(() => {});
  }
}

class Scenario {
  constructor(server) {
    this.port = server.port + 2;
    this.lines = [];
    this.names = new Map();
    this.visitors = [];
  }
  known(id, name) { if (id && !this.names.has(id)) this.names.set(id, `<${name}${this.names.size + 1}>`); }
  say(line) {
    let shown = line;
    for (const [id, name] of this.names) shown = shown.replaceAll(id, name);
    shown = shown.replace(/"offset":"[\w.-]+"/, '"offset":"<given>"');
    this.lines.push(shown);
  }
  visitor(name) {
    this.visitors.push(new Visitor(this, name));
    return this.visitors.at(-1);
  }
  async pair(transport) {
    const [a, b] = [this.visitor('a'), this.visitor('b')];
    await a.connect(transport);
    await a.join();
    await b.connect();
    await b.join();
    return [a, b];
  }
}

const emit = (o, event, ...values) => `421["op-emit",${JSON.stringify(o)},"${event}",${JSON.stringify(values)}]`;

async function missedAndBack(s, transport) {
  const [a, b] = await s.pair(transport);
  await a.send('420["join",["room"]]');
  await a.take(1);
  await a.lose(b);
  for (const o of [{ to: ['room'] }, {}, { to: ['nobody'] }, { except: ['room'] }, { to: ['room'], volatile: true }, { from: 'socket' }]) {
    const before = b.offsets.length;
    await b.send(emit(o, 'n', 1, { a: [] }));
    await b.take(!o.to && !o.from ? 2 : 1); // b hears what is for all, then the ack
    assert.ok(b.offsets.length - before <= 1);
  }
  await a.connect(transport);
  await a.send(`40${JSON.stringify({ ...a.ticket(), more: 1 })}`);
  await a.take(5); // three that it missed, CONNECT, auth
  await a.send('422["whoami"]');
  const me = JSON.parse((await a.next()).slice(3))[0];
  assert.deepEqual([me.recovered, me.rooms], [true, ['room']]);
  await a.send(emit({ to: ['room'] }, 'n', 2));
  await a.take(2);
}

const scenarios = {
  'CONNECT and events': async (s) => {
    const a = s.visitor('a');
    await a.connect();
    await a.join();
    await a.send('42["message",1,{"x":[null]}]');
    await a.next();
    await a.send('42["message"]');
    await a.next();
    await a.send('427["message-with-ack",1]');
    await a.next();
    await a.send('42["blocked"]');
    await a.next();
    await a.send('42["volatile-burst",1]');
    await a.take(2);
    await a.send('42["bye"]');
    await a.next();
  },
  'namespaces': async (s) => {
    const a = s.visitor('a');
    await a.connect();
    await a.join('/custom,');
    await a.send('42/custom,["message",1]');
    await a.next();
    await a.send('40/nowhere,{"pid":"x","offset":"y"}');
    await a.next();
    await a.join('/dyn-7,', { x: 1 });
    await a.send('42/dyn-7,3["parent-emit","all",[1]]');
    await a.take(2);
  },
  'binaries': async (s) => {
    const a = s.visitor('a');
    await a.connect();
    await a.join();
    await a.send('452-["message",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]', Buffer.from([1, 2]), Buffer.alloc(0));
    await a.take(3);
    await a.send('42["make-binary",3]');
    await a.take(4);
  },
  'events with ack have no offset': async (s) => {
    const a = s.visitor('a');
    await a.connect();
    await a.join();
    await a.send('42["emit-with-ack",1]');
    const asked = await a.next();
    s.lines.pop(); // its id counts over the whole namespace
    const [, id, rest] = /^42(\d+)(\[.*)$/.exec(asked);
    s.say(rest);
    await a.send(`43${id}[2]`);
    await a.next();
  },
  'missed and back': (s) => missedAndBack(s, 'websocket'),
  'missed and back over polling': (s) => missedAndBack(s, 'polling'),
  'missed binaries': async (s) => {
    const [a, b] = await s.pair('websocket');
    await a.lose(b);
    await b.send('452-1["op-emit",{},"b",[{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]]', Buffer.from([7]), Buffer.from('xyz'));
    await b.take(4);
    await a.connect();
    await a.send(`40${JSON.stringify(a.ticket())}`);
    await a.take(5);
  },
  'back to a namespace': async (s) => {
    const [a, b] = [s.visitor('a'), s.visitor('b')];
    for (const one of [a, b]) {
      await one.connect();
      await one.join('/custom,');
    }
    await a.lose(b, '/custom,');
    await b.send('42/custom,1["op-emit",{},"n",[1]]');
    await b.take(2);
    await a.connect();
    await a.send(`40${JSON.stringify(a.ticket())}`); // it is of /custom
    await a.take(2);
    await a.send(`40/custom,${JSON.stringify(a.ticket(a.offsets[0]))}`);
    await a.take(3);
  },
  'nothing was missed': async (s) => {
    const [a, b] = await s.pair('websocket');
    await a.lose(b);
    await a.connect();
    await a.join('', a.ticket());
  },
  'wrong tickets': async (s) => {
    const [a, b] = await s.pair('websocket');
    await a.lose(b);
    const pid = a.pid;
    const offset = a.offsets.at(-1);
    for (const wrong of [{ pid }, { offset }, { pid: 'x', offset }, { pid: 1, offset }, { pid: [pid], offset }, { pid: null, offset: null }, { pid, offset: 1 }, {}]) {
      const other = s.visitor('other');
      await other.connect();
      s.known(pid, 'pid');
      await other.send(`40${JSON.stringify(wrong)}`);
      await other.next();
      s.known(offset, 'offset');
      await other.next();
    }
  },
  'too late': async (s) => {
    const [a, b] = await s.pair('websocket');
    await a.lose(b);
    await delay(away_ms + 100);
    await a.connect();
    await a.join('', a.ticket());
  },
  'who has left does not come back': async (s) => {
    const [a, b] = await s.pair('websocket');
    await a.send('41');
    await b.send(`429["reason-of","${a.tag}"]`);
    await b.next();
    await a.end();
    await a.connect();
    await a.join('', a.ticket());
  },
  'clients of revision 3 get offsets': async (s) => {
    const a = s.visitor('a');
    await a.connect('websocket', 3);
    await a.take(2);
    await a.send('42["message",1]');
    await a.next();
    await a.send('422["whoami"]');
    await a.next();
  },
};

async function linesOf(server, run) {
  const scenario = new Scenario(server);
  try {
    await within(30_000, run(scenario), 'the conversation');
  } catch (error) {
    scenario.lines.push(`failed: ${error.message}`);
  } finally {
    await Promise.all(scenario.visitors.map((one) => one.end()));
  }
  return scenario.lines;
}

describe('the same bytes as from Socket.IO\'s own server', () => {
  for (const [name, run] of Object.entries(scenarios)) {
    it(name, async () => {
      const [here, there] = await Promise.all([linesOf(ours, run), linesOf(node, run)]);
      assert.ok(!here.some((line) => line.startsWith('failed')), here.join('\n'));
      assert.deepEqual(here, there);
    });
  }
});
