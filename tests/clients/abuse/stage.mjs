// Plays one case of bad input against the server and returns what came back, as lines.
//
// A case is {name, where, steps, answers}. `where` names what is there before the first step (`places`); what a step does says
// `Stage.step`. A line is an answer: `404 Not Found`, `43["x"]`, `<0102>` (binary), `close 1002` (a WebSocket, then the end of
// its TCP connection), `close` (without a code, or plain TCP), `POST 200 ok`, `silence` (nothing for a while). Instead of the
// rest, `alive` stands for a question that was asked after the last step and answered as it should be.
import { within } from '../lib/server.mjs';
import { frame, pack, unpack } from './bytes.mjs';
import { Connection, patience_ms } from './connection.mjs';

export const places = {
  tcp: { kind: 'tcp' },
  'tcp, msgpack app': { kind: 'tcp', offset: 1 },
  'tcp, a session of revision 4': { kind: 'tcp', session: 4 },
  'tcp, a session of revision 3': { kind: 'tcp', session: 3 },
  'WebSocket 4': { kind: 'ws', eio: 4, join: true },
  'WebSocket 4, not joined': { kind: 'ws', eio: 4, strict: true },
  'WebSocket 4, deflate': { kind: 'ws', eio: 4, join: true, deflate: true },
  'WebSocket 4, echo': { kind: 'ws', eio: 4, echo: true },
  'WebSocket 4, msgpack': { kind: 'ws', eio: 4, join: true, packed: true },
  'WebSocket 4, msgpack, not joined': { kind: 'ws', eio: 4, packed: true },
  'WebSocket 3': { kind: 'ws', eio: 3, join: true },
  'WebSocket 3, echo': { kind: 'ws', eio: 3, echo: true },
  'polling 4': { kind: 'poll', eio: 4, join: true },
  'polling 4, echo': { kind: 'poll', eio: 4, echo: true },
  'polling 4, msgpack': { kind: 'poll', eio: 4, join: true, packed: true },
  'polling 3': { kind: 'poll', eio: 3, join: true },
  'polling 3, echo': { kind: 'poll', eio: 3, echo: true },
  'JSONP 3, echo': { kind: 'poll', eio: 3, echo: true, query: '&j=0&b64=1' },
  'JSONP 4, echo': { kind: 'poll', eio: 4, echo: true, query: '&j=0' },
};

const pathOf = (place) => (place.echo ? '/engine.io/' : '/socket.io/');
/** A line as it is shown. */
export const shorter = (line) => (line.length > 160 ? `${line.slice(0, 60)}… (${line.length})` : line);

/** A case being played. */
class Stage {
  constructor(server, one) {
    this.server = server;
    this.place = places[one.where];
    this.one = one;
    this.patience = one.slow ? 45_000 : patience_ms;
    this.said = [];
    this.open = {};
    this.names = {};
    if (!this.place) throw new Error(`no such place: ${one.where}`);
  }
  get port() { return this.server.port + (this.place.offset ?? (this.place.packed ? 1 : 0)); }
  fill(text) { return text.replace(/\$(\w+)/g, (all, name) => this.names[name] ?? all); }

  say(line, from = 'main') {
    let text = line;
    if (Buffer.isBuffer(line)) text = this.place.packed ? this.unpacked(line) : `<${line.toString('hex')}>`;
    text = text.replace(/"sid":"[^"]{20}"/g, '"sid":"…"');
    for (const [pattern, instead] of this.one.mask ?? []) text = text.replace(pattern, instead);
    if (this.one.hide?.test(text)) return;
    this.said.push((from === 'main' ? '' : `${from}: `) + shorter(text));
  }
  unpacked(bytes) {
    const { type, nsp, id, data } = unpack(bytes);
    return JSON.stringify({ type, nsp, id, data });
  }

  // ---- before the first step ----

  async begin() {
    const { kind, session, eio } = this.place;
    if (session) this.names.sid = (await this.openPolling(session)).sid;
    if (kind === 'tcp') this.open.main = new Connection(this.port);
    if (kind === 'ws') await this.openWebSocket('main', '');
    if (kind === 'poll') {
      const open = await this.openPolling(eio);
      this.names.sid = open.sid;
      if (this.place.join) await this.joinPolling();
    }
  }

  url(eio, transport) { return `${pathOf(this.place)}?EIO=${eio}&transport=${transport}${this.place.query ?? ''}`; }

  async openPolling(eio) {
    this.address = `http://127.0.0.1:${this.port}${this.url(eio, 'polling')}`;
    const answer = await within(patience_ms, fetch(this.address), 'the session');
    const sid = /sid\\*":\\*"([^"\\]{20})/.exec(await answer.text())[1];
    this.address += `&sid=${sid}`;
    return { sid };
  }
  async joinPolling() {
    if (this.place.eio === 4) {
      const first = this.place.packed ? `b${pack({ type: 0, nsp: '/' }).toString('base64')}` : '40';
      await (await this.request({ method: 'POST', body: first })).text();
    }
    for (let packets = 0; packets < 2;) packets += this.packets(await (await this.request()).text()).length;
  }
  packets(body) {
    if (this.place.eio === 4) return body.split('\x1e').filter((packet) => packet !== '2');
    const found = [];
    for (let rest = body; rest;) {
      const colon = rest.indexOf(':');
      const end = colon + 1 + Number(rest.slice(0, colon));
      const packet = rest.slice(colon + 1, end);
      if (packet.startsWith('4')) found.push(packet);
      rest = rest.slice(end);
    }
    return found;
  }

  async openWebSocket(name, more, fields = []) {
    const { eio = 4, deflate, join, packed, pings } = this.place;
    const connection = new Connection(this.port);
    this.open[name] = connection;
    connection.pongs = eio === 4 && !pings;
    await connection.write([`GET ${pathOf(this.place)}?EIO=${eio}&transport=websocket${this.fill(more)} HTTP/1.1`, 'Host: x',
      'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13',
      ...(deflate ? ['Sec-WebSocket-Extensions: permessage-deflate'] : []), ...fields, '', ''].join('\r\n'));
    const status = await connection.lines.take();
    if (more) return this.say(status, name);
    if (status !== '101') throw new Error(`WebSocket: ${status}`);
    const open = await connection.lines.take();
    this.names[name === 'main' ? 'sid' : `${name}_sid`] = JSON.parse(open.slice(1)).sid;
    if (!join) return undefined;
    if (eio === 4) await this.send(packed ? pack({ type: 0, nsp: '/' }) : '40', name);
    await connection.lines.take(); // CONNECT
    await connection.lines.take(); // the app's `auth`
    return undefined;
  }

  // ---- steps ----

  send(what, name) {
    const { raw } = typeof what === 'string' ? frame(1, this.fill(what)) : Buffer.isBuffer(what) ? frame(2, what) : what;
    return this.open[name].write(raw);
  }

  /**
   * On TCP a string is written as it is. On a WebSocket a string is a text message, a Buffer a binary one, {raw} bytes. Others:
   * {each} byte by byte, {trickle} one every second; {on, send} to the WebSocket of that name; {open, query} opens it; {take} waits for its next line;
   * {id} waits for a line with an ack id and keeps it as $id; {post, type} and {get}; {overlap} are two GETs at once; {begins}
   * begins a POST; {leaves} begins a GET and leaves; {gone} waits until the session is; {cut} ends a connection without a word, {deaf} reads no
   * more of it; {crowd} are many connections.
   */
  async step(step) {
    const { kind } = this.place;
    if (kind === 'tcp' && typeof step === 'string') return this.open.main.write(this.fill(step));
    if (kind === 'tcp' && Buffer.isBuffer(step)) return this.open.main.write(step);
    if (typeof step === 'string' || Buffer.isBuffer(step) || step.raw) return this.send(step, 'main');
    if (step.each !== undefined) {
      for (const byte of Buffer.from(this.fill(step.each), 'latin1')) await this.open.main.write(Buffer.from([byte]));
      return undefined;
    }
    if (step.trickle) { // a byte every second, until the connection ends
      let next = 0;
      const { socket } = this.open.main;
      const timer = setInterval(() => { socket.write(step.trickle[next++ % step.trickle.length], 'latin1'); }, 1000);
      socket.once('close', () => clearInterval(timer));
      return undefined;
    }
    if (step.on) return this.send(step.send, step.on);
    if (step.open) return this.openWebSocket(step.open, step.query ?? '', step.fields);
    if (step.take) return this.say(await this.open[step.take].lines.take(this.patience), step.take);
    if (step.id) return this.takeId(step.id);
    if (step.cut) return this.open[step.cut].destroy();
    if (step.deaf) return this.open[step.deaf].socket.pause();
    if (step.crowd) return this.crowd(step);
    return this.pollingStep(step);
  }

  /** `crowd` connections, each with one of `texts` in turn; they stay, or with `reset` end at once. */
  async crowd({ crowd, texts, reset }) {
    for (let i = 0; i < crowd; i++) {
      const connection = new Connection(this.port);
      this.open[`crowd${i}`] = connection;
      await connection.write(this.fill(texts[i % texts.length]));
      if (reset) connection.socket.resetAndDestroy();
    }
  }

  async takeId(name) {
    const line = await this.open[name].lines.take();
    this.names.id = Buffer.isBuffer(line) ? unpack(line).id : /^42(?:\/[^,]*,)?(\d+)\[/.exec(line)?.[1];
    this.say(Buffer.isBuffer(line) ? line : line.replace(/^(42(?:\/[^,]*,)?)\d+/, '$1$id'), name);
  }

  request(init) { return within(patience_ms, fetch(this.address, init), init?.method ?? 'GET'); }

  async pollingStep(step) {
    if (step.post !== undefined) {
      const type = step.type ?? 'text/plain;charset=UTF-8';
      const body = typeof step.post === 'string' ? this.fill(step.post) : step.post;
      return this.answer('POST', await this.request({ method: 'POST', body, headers: { 'content-type': type } }));
    }
    if (step.get) return this.get();
    if (step.overlap) {
      const two = await Promise.all([this.request(), this.request()]);
      const texts = await Promise.all(two.map(async (one) => `GET ${one.status} ${await one.text()}`));
      return texts.sort().forEach((text) => this.say(text.trimEnd()));
    }
    if (step.begins) { // a request whose body is on its way: the server has its head when it says 100
      const { pathname, search } = new URL(this.address);
      const connection = new Connection(this.port);
      this.open[step.begins] = connection;
      await connection.write([`POST ${pathname}${search} HTTP/1.1`, 'Host: x', 'Content-Length: 9', 'Expect: 100-continue', '', ''].join('\r\n'));
      return this.say(await connection.lines.take(), step.begins);
    }
    if (step.leaves) { // a GET that is given up at once
      const { pathname, search } = new URL(this.address);
      const connection = new Connection(this.port);
      this.open[step.leaves] = connection;
      await connection.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return connection.socket.end();
    }
    if (step.gone) {
      const until = Date.now() + patience_ms;
      while (Date.now() < until) {
        const answer = await this.request({ method: 'POST', body: '6' });
        await answer.text();
        if (answer.status !== 200) return this.say(`POST ${answer.status}`);
      }
      return this.say('still there');
    }
    throw new Error(`no such step: ${JSON.stringify(step)}`);
  }
  async get() {
    for (;;) {
      const answer = await this.request();
      const body = Buffer.from(await answer.arrayBuffer());
      const text = body.toString();
      if (this.place.eio === 4 && answer.status === 200 && text === '2') {
        await (await this.request({ method: 'POST', body: '3' })).text();
        continue;
      }
      const octets = answer.headers.get('content-type') === 'application/octet-stream';
      return this.say(`GET ${answer.status} ${octets ? `<${body.toString('hex')}>` : text}`);
    }
  }
  async answer(what, answer) { this.say(`${what} ${answer.status} ${await answer.text()}`.trimEnd()); }

  // ---- after the last step ----

  /** What is asked to see that all goes on, and the answer to it. */
  question() {
    const { kind, echo, packed } = this.place;
    if (kind === 'tcp') {
      return ['GET /socket.io/?EIO=4&transport=polling&deny=alive HTTP/1.1\r\nHost: x\r\n\r\n', '403 {"code":4,"message":"alive"}'];
    }
    if (packed) {
      return [pack({ type: 2, data: ['message-with-ack', 'alive'], id: 99, nsp: '/' }), '{"type":3,"nsp":"/","id":99,"data":["alive"]}'];
    }
    return echo ? ['4alive', '4alive'] : ['4299["message-with-ack","alive"]', '4399["alive"]'];
  }
  async end(expected) {
    const last = expected.at(-1) ?? '';
    const name = /^(\w+): /.exec(last)?.[1] ?? 'main';
    if (this.place.kind === 'poll' && name === 'main') {
      if (last === 'alive') await this.aliveByPolling();
      return;
    }
    const asks = last.endsWith('alive');
    if (asks) await (this.place.kind === 'tcp' ? this.open.main.write(this.question()[0]) : this.send(this.question()[0], name));
    for (;;) {
      const before = this.said.length;
      const line = await this.open[name].lines.take(this.patience);
      this.say(line, name);
      const said = this.said.at(-1) ?? '';
      const plain = name === 'main' ? said : said.slice(name.length + 2);
      if (asks && this.said.length > before && plain === this.question()[1]) {
        this.said[before] = name === 'main' ? 'alive' : `${name}: alive`;
        return;
      }
      if (/^(close|silence|E[A-Z]+)/.test(plain)) return;
    }
  }
  async aliveByPolling() {
    const [asked, answered] = this.question();
    const packet = Buffer.isBuffer(asked) ? `b${asked.toString('base64')}` : asked;
    const body = this.place.eio === 4 ? packet : `${packet.length}:${packet}`;
    const jsonp = this.place.query?.includes('j=');
    await (await this.request({ method: 'POST', body: jsonp ? `d=${encodeURIComponent(body)}` : body,
      headers: { 'content-type': jsonp ? 'application/x-www-form-urlencoded' : 'text/plain;charset=UTF-8' } })).text();
    for (let tries = 0; tries < 5; tries++) {
      const answer = await this.request();
      const text = await answer.text();
      const found = this.place.packed
        ? text.split('\x1e').some((p) => p[0] === 'b' && this.unpacked(Buffer.from(p.slice(1), 'base64')) === answered)
        : text.replaceAll('\\', '').includes(answered);
      if (found) return this.said.push('alive');
      if (answer.status !== 200) return this.said.push(`GET ${answer.status} ${text}`);
    }
    return this.said.push('silence');
  }
  clear() { for (const connection of Object.values(this.open)) connection.destroy(); }
}

/** Equal lines in a row become one, `line ×3`; with `counted` all equal lines do, in alphabetical order. */
function folded(lines, counted) {
  const out = [];
  for (const line of counted ? [...lines].sort() : lines) {
    if (out.at(-1)?.line === line) out.at(-1).count++;
    else out.push({ line, count: 1 });
  }
  return out.map(({ line, count }) => (count === 1 ? line : `${line} ×${count}`));
}

/** Plays it and returns the lines. `expected`: how it should end; waits for that. `check` is done while all is still open. */
export async function play(server, one, expected, check = () => {}) {
  const stage = new Stage(server, one);
  try {
    await stage.begin();
    for (const step of one.steps) await stage.step(step);
    await stage.end(expected);
    await check();
    return folded(stage.said, one.counted);
  } finally {
    stage.clear();
  }
}
