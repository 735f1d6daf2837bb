// Engine.IO 4 by hand: one WebSocket with a queue of frames, one polling session, one raw TCP exchange.
import net from 'node:net';
import { WebSocket } from './deps.mjs';
import { within } from './server.mjs';

const SEPARATOR = '\x1e';

/** Things that arrive, to be awaited one at a time. After `end` every wait fails with that error. */
class Inbox {
  #items = [];
  #waiting = [];
  #ended = null;

  put(item) {
    const waiter = this.#waiting.shift();
    if (waiter) waiter.resolve(item);
    else this.#items.push(item);
  }

  end(error) {
    this.#ended = error;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }

  take(ms, what) {
    if (this.#items.length) return Promise.resolve(this.#items.shift());
    if (this.#ended) return Promise.reject(this.#ended);
    let mine;
    const item = new Promise((resolve, reject) => { mine = { resolve, reject }; this.#waiting.push(mine); });
    return within(ms, item, what).catch((error) => {
      this.#waiting = this.#waiting.filter((waiter) => waiter !== mine);
      throw error;
    });
  }
}

/** A WebSocket. With `pongs` (the default) pings are answered and not shown. */
export class Wire {
  static async open(url, { pongs = true, ...options } = {}) {
    const wire = new Wire(new WebSocket(url, { perMessageDeflate: false, ...options }), pongs);
    await within(5000, wire.opened, `open ${url}`);
    return wire;
  }

  constructor(socket, pongs) {
    this.socket = socket;
    this.inbox = new Inbox();
    this.opened = new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    this.ended = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.inbox.end(new Error(`closed with ${code}`));
        resolve({ code, reason: String(reason) });
      });
    });
    socket.on('error', () => {}); // followed by close
    socket.on('message', (data, binary) => {
      const text = binary ? null : String(data);
      if (pongs && text === '2') socket.send('3');
      else this.inbox.put(binary ? data : text);
    });
  }

  send(data, options) { this.socket.send(data, options ?? {}); }
  next(ms = 3000) { return this.inbox.take(ms, 'next frame'); }
  closed(ms = 3000) { return within(ms, this.ended, 'close of the WebSocket'); }
  close() { this.socket.terminate(); return this.ended; }
}

/** Refusal of a WebSocket handshake: {status, body}. */
export function refusal(url, options = {}) {
  return within(5000, new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.once('open', () => { socket.terminate(); reject(new Error('the WebSocket was accepted')); });
    socket.once('error', reject);
    socket.once('unexpected-response', (request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { body += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, body }));
      response.on('error', reject);
    });
  }), 'refusal of the WebSocket');
}

/** A long-polling session. Nothing is sent or fetched that the test did not ask for. */
export class Polling {
  static async open(base, path = '/engine.io/', query = '') {
    const url = `${base}${path}?EIO=4&transport=polling${query}`;
    const answer = await fetch(url);
    const body = await answer.text();
    if (answer.status !== 200 || body[0] !== '0') throw new Error(`handshake: ${answer.status} ${body}`);
    const open = JSON.parse(body.split(SEPARATOR)[0].slice(1));
    return new Polling(`${url}&sid=${open.sid}`, open, answer.headers);
  }

  constructor(url, open, headers) {
    Object.assign(this, { url, open, headers });
    this.packets = [];
  }

  get(options) { return within(10_000, fetch(this.url, options), 'poll'); }
  async poll() { return (await this.get()).text(); }

  post(body, headers = { 'content-type': 'text/plain;charset=UTF-8' }) {
    return within(10_000, fetch(this.url, { method: 'POST', body, headers }), 'POST');
  }

  /** The next packet that is neither ping (answered here) nor noop. */
  async packet() {
    for (;;) {
      while (this.packets.length) {
        const packet = this.packets.shift();
        if (packet === '2') await this.post('3');
        else if (packet !== '6') return packet;
      }
      const answer = await this.get();
      const body = await answer.text();
      if (answer.status !== 200) throw new Error(`poll: ${answer.status} ${body}`);
      this.packets.push(...body.split(SEPARATOR));
    }
  }
}

/** A Socket.IO connection by hand over either transport: text is a Socket.IO packet, a Buffer an attachment. */
export async function connectRaw(server, transport, query = '') {
  return transport === 'websocket' ? RawSocket.open(server, query) : RawPolling.open(server, query);
}

class RawSocket {
  static async open(server, query) {
    const wire = await Wire.open(`${server.ws}/socket.io/?EIO=4&transport=websocket${query}`);
    const self = new RawSocket();
    self.wire = wire;
    self.open = JSON.parse((await wire.next()).slice(1));
    return self;
  }

  async send(...items) { for (const item of items) this.wire.send(typeof item === 'string' ? `4${item}` : item); }
  async sendFrame(frame) { this.wire.send(frame); }
  async next(ms) {
    const frame = await this.wire.next(ms);
    if (typeof frame !== 'string') return frame;
    if (frame[0] !== '4') throw new Error(`not a message: ${frame}`);
    return frame.slice(1);
  }
  /** Resolves once the server has closed the connection. */
  async closed(ms) { return this.wire.closed(ms); }
  async close() { await this.wire.close(); }
}

class RawPolling {
  static async open(server, query) {
    const self = new RawPolling();
    self.session = await Polling.open(server.http, '/socket.io/', query);
    self.open = self.session.open;
    return self;
  }

  async send(...items) {
    const packets = items.map((item) => (typeof item === 'string' ? `4${item}` : `b${item.toString('base64')}`));
    return this.sendFrame(packets.join(SEPARATOR));
  }
  async sendFrame(frame) { this.status = (await this.session.post(frame)).status; }
  async next() {
    const packet = await this.session.packet();
    if (packet[0] === 'b') return Buffer.from(packet.slice(1), 'base64');
    if (packet[0] === '1') throw new Error('closed with a close packet');
    if (packet[0] !== '4') throw new Error(`not a message: ${packet}`);
    return packet.slice(1);
  }
  async closed(ms = 3000) {
    const until = Date.now() + ms;
    while (Date.now() < until) {
      try {
        await this.next();
      } catch (error) {
        if (/^poll: 400|close packet/.test(error.message)) return { code: 1005, reason: '' };
        throw error;
      }
    }
    throw new Error('the polling session is still open');
  }
  async close() { await this.session.post('1').catch(() => {}); }
}

/** Joins `nsp` over a raw connection and takes the `auth` event that the app emits first. Returns the socket's id. */
export async function join(raw, nsp = '/', auth) {
  const prefix = nsp === '/' ? '' : `${nsp},`;
  await raw.send(`0${prefix}${auth === undefined ? '' : JSON.stringify(auth)}`);
  const answer = await raw.next();
  const head = `0${prefix}`;
  if (!answer.startsWith(head)) throw new Error(`not admitted: ${answer}`);
  const { sid } = JSON.parse(answer.slice(head.length));
  await raw.next();
  return sid;
}

/** Sends bytes over TCP and returns what comes back until the server closes, or `null` where it does not in `ms`. */
export function exchange(port, bytes, { ms = 3000, keep = false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let answer = '';
    const timer = setTimeout(() => { socket.destroy(); resolve(keep ? answer : null); }, ms);
    const done = () => { clearTimeout(timer); resolve(answer); };
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => { answer += chunk; });
    socket.on('close', done);
    socket.on('error', (error) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') done();
      else reject(error);
    });
    socket.write(bytes);
  });
}
