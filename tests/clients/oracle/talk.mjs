// One conversation with one server, written down line by line so that two of them can be compared. Ids that the server
// makes up are replaced by `<id1>`, `<id2>` in the order in which they come; pings are answered and not written.
import http from 'node:http';
import zlib from 'node:zlib';
import { within } from '../lib/server.mjs';
import { Wire } from '../lib/wire.mjs';

const patience_ms = 10_000;
// How a body is framed, how long a connection is kept, and the time.
const framing = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date']);
const encodings = { gzip: zlib.gunzipSync, deflate: zlib.inflateSync, br: zlib.brotliDecompressSync };

/** JSON of a text, all in ASCII. */
export const printable = (text) => JSON.stringify(text).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const shortened = (text) => (text.length > 400 ? `${text.slice(0, 120)}... (${text.length})` : text);

export class Talk {
  constructor(server) {
    this.server = server;
    this.lines = [];
    this.ids = new Map();
    this.open = new Set();
  }

  /** Remembers ids in an open packet, a CONNECT (`"sid":"..."`, quoted for JSONP too) or one of msgpack. */
  learn(text) {
    for (const [, id] of text.matchAll(/sid(?:\\*":\\*"|\xb4)([A-Za-z0-9_-]{20})/g)) {
      if (!this.ids.has(id)) this.ids.set(id, `<id${this.ids.size + 1}>`);
    }
  }
  hidden(text) {
    let shown = text.replace(/\/dyn-\d{4}\b/g, '<child>'); // each conversation has its own
    for (const [id, name] of this.ids) shown = shown.replaceAll(id, name);
    return shown;
  }
  say(line) { this.lines.push(shortened(this.hidden(line))); }
  quote(data) { return printable(typeof data === 'string' ? data : data.toString('latin1')); }
  async end() { for (const one of this.open) await one.close(); }

  // ---- HTTP ----

  /** Sends a request and gives {status, fields, body}; `fields` are those of an answer that two servers may agree on. */
  exchange({ method = 'GET', path, headers = {}, body, offset = 0 }) {
    const { port } = this.server;
    const options = { host: '127.0.0.1', port: port + offset, method, path, headers: { host: 'server.example', ...headers }, agent: false };
    return within(patience_ms, new Promise((resolve, reject) => {
      const request = http.request(options);
      const answered = (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve(this.answerOf(answer, Buffer.concat(parts))));
      };
      request.on('response', answered);
      request.on('upgrade', (answer, socket) => { socket.destroy(); resolve(this.answerOf(answer, Buffer.alloc(0))); });
      request.on('error', reject);
      request.end(body);
    }), `${method} ${path}`);
  }
  answerOf(answer, raw) {
    const encoding = answer.headers['content-encoding'];
    const body = encoding && raw.length ? encodings[encoding](raw) : raw;
    this.learn(body.toString('latin1'));
    const fields = [];
    for (let i = 0; i < answer.rawHeaders.length; i += 2) {
      const name = answer.rawHeaders[i].toLowerCase();
      if (!framing.has(name)) fields.push(`${name}: ${answer.rawHeaders[i + 1]}`);
    }
    return { status: answer.statusCode, fields: fields.sort(), body };
  }
  /** The same, written down. */
  async request(what, request) {
    const answer = await this.exchange(request);
    this.say([`${what}: ${answer.status}`, ...answer.fields, this.quote(answer.body)].join(' | '));
    return answer;
  }

  // ---- sessions ----

  async polling(options) { return Polling.open(this, options); }
  async webSocket(options) { return Socket.open(this, options); }
}

/** A polling session of either revision. Packets are text, or Buffers for binary messages. */
class Polling {
  static async open(talk, { eio = 4, path = '/engine.io/', query = '', offset = 0, headers = {}, quiet = false }) {
    const self = new Polling();
    Object.assign(self, { talk, eio, offset, headers, quiet, waiting: [], path: `${path}?EIO=${eio}&transport=polling${query}` });
    const answer = quiet ? await talk.exchange({ path: self.path, offset, headers })
      : await talk.request('open', { path: self.path, offset, headers });
    self.sid = /"sid":"([^"]+)"/.exec(answer.body.toString())?.[1] ?? /sid\\":\\"([^\\]+)\\"/.exec(answer.body.toString())?.[1];
    self.path += `&sid=${self.sid}`;
    talk.open.add(self);
    return self;
  }
  get(more = {}) { return this.talk.request('GET', { path: this.path, offset: this.offset, headers: { ...this.headers, ...more } }); }
  async post(body, type = 'text/plain;charset=UTF-8', more = {}) {
    const headers = { ...this.headers, ...(type ? { 'content-type': type } : {}), 'content-length': Buffer.byteLength(body), ...more };
    this.talk.say(`POST ${type} ${this.talk.quote(body)}`);
    return this.talk.request('answer', { method: 'POST', path: this.path, offset: this.offset, headers, body });
  }

  // Packets, however they are spread over the answers.
  async send(packet) {
    const text = Buffer.isBuffer(packet) ? `b${this.eio === 3 ? '4' : ''}${packet.toString('base64')}` : packet;
    const body = this.eio === 3 ? `${text.length}:${text}` : text;
    const answer = await this.talk.exchange({ method: 'POST', path: this.path, offset: this.offset, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body });
    if (answer.status !== 200) throw new Error(`POST was answered ${answer.status}`);
  }
  async next() {
    for (;;) {
      while (this.waiting.length) {
        const packet = this.waiting.shift();
        if (packet === '2' && this.eio === 4) await this.send('3');
        else if (packet === '1') throw new Error('closed with a close packet');
        else if (packet !== '6') return packet[0] === 'b' ? Buffer.from(packet.slice(this.eio === 3 ? 2 : 1), 'base64') : packet;
      }
      const { status, body } = await this.talk.exchange({ path: this.path, offset: this.offset });
      if (status !== 200) throw new Error(`closed with ${status}`);
      this.waiting.push(...(this.eio === 3 ? oldPackets(body.toString()) : body.toString().split('\x1e')));
    }
  }
  async close() { await this.talk.exchange({ method: 'POST', path: this.path, offset: this.offset, body: this.eio === 3 ? '1:1' : '1' }).catch(() => {}); }
}

function oldPackets(text) {
  const packets = [];
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(':', at);
    const size = Number(text.slice(at, colon));
    packets.push(text.slice(colon + 1, colon + 1 + size));
    at = colon + 1 + size;
  }
  return packets;
}

/** A WebSocket of either revision, with the same packets. */
class Socket {
  static async open(talk, { eio = 4, path = '/engine.io/', query = '', offset = 0, quiet = false, ...options }) {
    const self = new Socket();
    const url = `ws://127.0.0.1:${talk.server.port + offset}${path}?EIO=${eio}&transport=websocket${query}`;
    Object.assign(self, { talk, eio, wire: await Wire.open(url, { pongs: eio === 4, ...options }) });
    talk.open.add(self);
    if (query.includes('sid=')) return self;
    const open = await self.wire.next();
    talk.learn(open);
    if (!quiet) talk.say(`open: ${open}`);
    return self;
  }
  /** A frame as it is. */
  raw(data, options) {
    this.talk.say(`frame: ${shortened(this.talk.quote(data))}`);
    this.wire.send(data, options);
  }
  async frame() {
    const frame = await this.wire.next(patience_ms);
    this.talk.learn(frame.toString('latin1'));
    this.talk.say(`got: ${typeof frame === 'string' ? this.talk.quote(frame) : `<${frame.toString('hex')}>`}`);
  }
  /** The next frame, or the end. */
  async frameOrClosed() {
    try { await this.frame(); } catch { await this.closed(); }
  }
  async closed() {
    const { code, reason } = await this.wire.closed(patience_ms);
    this.talk.say(`closed: ${code} ${reason}`);
  }

  async send(packet) { this.wire.send(this.eio === 3 && Buffer.isBuffer(packet) ? Buffer.concat([Buffer.from([4]), packet]) : packet); }
  async next() {
    const frame = await this.wire.next(patience_ms);
    return this.eio === 3 && Buffer.isBuffer(frame) ? frame.subarray(1) : frame;
  }
  close() { return this.wire.close(); }
}
