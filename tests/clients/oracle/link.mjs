// A client of Socket.IO by hand, over any transport, revision and parser: the same packets go out and come in as values.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const notepack = createRequire(require.resolve('socket.io-msgpack-parser'))('notepack.io');

const CONNECT = 0, DISCONNECT = 1, EVENT = 2, ACK = 3;

/** How clients connect: over which transport, in which revision and with which parser. */
export const ways = {
  'WebSocket': { transport: 'webSocket', eio: 4 },
  'polling': { transport: 'polling', eio: 4 },
  'WebSocket of revision 3': { transport: 'webSocket', eio: 3 },
  'polling of revision 3': { transport: 'polling', eio: 3, query: '&b64=1' },
  'msgpack over WebSocket': { transport: 'webSocket', eio: 4, offset: 1, packed: true },
  'msgpack over polling': { transport: 'polling', eio: 4, offset: 1, packed: true },
};

/** What the client answers where the server asks. */
const answers = {
  'emit-with-ack': () => ['reply', { x: 1 }],
  question: (i) => [i],
  sum: (a, b) => [a + b],
  echo: (...args) => args,
  bytes: () => [Buffer.from([1, 2]), 2],
  'message-back': (...args) => args.slice(0, 1),
};

/** Text of the default parser and its attachments. */
function texts({ type, nsp = '/', id, data }) {
  const buffers = [];
  const shown = JSON.stringify(data, function replace(name) {
    const value = this[name]; // before toJSON of Buffer
    if (!Buffer.isBuffer(value)) return value;
    return { _placeholder: true, num: buffers.push(value) - 1 };
  });
  const head = buffers.length ? `${type + 3}${buffers.length}-` : `${type}`;
  return [`4${head}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${shown ?? ''}`, ...buffers];
}

const withoutAckId = (text) => text.replace(/^(42|45\d+-)(\/[^,]*,)?\d+\[/, (_, type, nsp = '') => `${type}${nsp}<ack>[`);

export class Link {
  static async open(talk, way, { query = '', nsp = '/', auth, headers } = {}) {
    const self = new Link();
    const how = ways[way];
    Object.assign(self, { talk, how, nsp, held: [] });
    self.session = await talk[how.transport]({ eio: how.eio, path: '/socket.io/', query: (how.query ?? '') + query, offset: how.offset ?? 0, headers, quiet: true });
    return self;
  }
  /** Opens, and joins `nsp`: what the server says to that is written. */
  static async joined(talk, way, options = {}) {
    const self = await Link.open(talk, way, options);
    const { nsp = '/', auth } = options;
    if (self.how.eio === 3) for (let i = 0; i < 2; i++) await self.take(); // it is in `/`
    if (self.how.eio === 4 || nsp !== '/') {
      await self.send({ type: CONNECT, nsp, data: auth });
      for (let i = 0; i < 2; i++) await self.take();
    }
    return self;
  }

  async send(packet) {
    if (this.how.packed) return this.session.send(notepack.encode({ nsp: '/', ...packet }));
    for (const part of texts(packet)) await this.session.send(part);
    return undefined;
  }
  event(args, id) { return this.send({ type: EVENT, nsp: this.nsp, id, data: args }); }
  leave() { return this.send({ type: DISCONNECT, nsp: this.nsp }); }

  /** The next packet; written, and answered where it asks. Gives {id, type} of it. */
  async take() {
    const item = await this.session.next();
    this.talk.learn(item.toString('latin1'));
    const packet = this.how.packed ? this.unpacked(item) : this.parsed(item);
    if (packet.type === EVENT && packet.id !== undefined) {
      const answer = answers[packet.data[0]];
      if (answer) await this.send({ type: ACK, nsp: packet.nsp, id: packet.id, data: answer(...packet.data.slice(1)) });
    }
    return packet;
  }
  parsed(item) {
    if (typeof item !== 'string') {
      this.talk.say(`<${item.length > 64 ? `${item.length} bytes` : item.toString('hex')}>`);
      return {};
    }
    this.talk.say(this.talk.quote(withoutAckId(item).replace(/"engine":\d+/, '"engine":<n>')));
    const [, type, nsp = '/', id, data] = /^4(\d)(?:\d+-)?(\/[^,]*)?,?(\d+)?(.*)$/s.exec(item);
    return { type: type > 4 ? type - 3 : Number(type), nsp, id: id && Number(id), data: type === '2' ? JSON.parse(data) : undefined };
  }
  unpacked(item) {
    const packet = notepack.decode(item);
    const { type, id, data } = packet;
    const mayDiffer = (type === EVENT && id !== undefined) || JSON.stringify(packet).includes('"engine":');
    this.talk.say(mayDiffer ? JSON.stringify({ ...packet, id: undefined, keys: Object.keys(packet) }).replace(/"engine":\d+/, '"engine":<n>')
      : this.talk.quote(item));
    return { type, nsp: packet.nsp, id, data };
  }

  /**
   * Sends an event and writes what comes back. `ack`: it wants one and gets it (true), wants one (maybe), or not (false). `more`:
   * packets that nothing else announces.
   */
  async call(args, { ack = true, more = 0 } = {}) {
    await this.event(args, ack ? 7 : undefined);
    for (let got = 0; got < more; got++) await this.take();
    if (ack === true) await this.until(7);
    await this.settle();
  }
  async settle() {
    await this.event(['message-with-ack', 'settled'], 99);
    await this.until(99);
  }
  async until(id) {
    for (;;) {
      const packet = await this.take();
      if (packet.type === ACK && packet.id === id) return;
    }
  }
  /** Writes everything until the connection is closed. */
  async closes() {
    try {
      for (;;) await this.take();
    } catch (error) {
      if (!/^closed/.test(error.message)) throw error;
      this.talk.say(error.message);
    }
  }
}
