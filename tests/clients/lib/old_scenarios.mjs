// Exchanges of clients of Engine.IO revision 3, byte by byte. Each scenario returns a list of lines, what it sent
// and what came back, with the session id replaced: the same from any server with the app.
import { Wire } from './wire.mjs';
import { stricter, within } from './server.mjs';

const latin1 = (data) => Buffer.from(data).toString('latin1');
const quoted = (text) => JSON.stringify(text).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** One polling session; every request and its answer become lines. */
class Talk {
  constructor(server, path, query) {
    this.base = `${server.http}${path}?EIO=3&transport=polling${query}`;
    this.url = this.base;
    this.lines = [];
  }
  hide(text) { return this.sid ? text.replaceAll(this.sid, '<sid>') : text; }
  write(line) { this.lines.push(this.hide(line)); }

  async request(what, init) {
    const answer = await within(10_000, fetch(this.url, init), what);
    const body = Buffer.from(await answer.arrayBuffer());
    return { answer, body };
  }
  async open() {
    const { answer, body } = await this.request('open');
    this.sid = /sid\\*":\\*"([^"\\]{20})/.exec(latin1(body))?.[1];
    this.write(`open: ${answer.status} ${answer.headers.get('content-type')} ${quoted(latin1(body))}`);
    this.url = `${this.base}&sid=${this.sid}`;
    return this;
  }
  async get() {
    const { answer, body } = await this.request('GET');
    this.write(`GET: ${answer.status} ${answer.headers.get('content-type')} ${quoted(latin1(body))}`);
  }
  async post(body, type = 'text/plain;charset=UTF-8') {
    this.write(`POST ${type} ${quoted(typeof body === 'string' ? body : latin1(body))}`);
    const { answer, body: said } = await this.request('POST', { method: 'POST', body, headers: { 'content-type': type } });
    this.write(`answer: ${answer.status} ${answer.headers.get('content-type')} ${quoted(latin1(said))}`);
  }
  /** A POST that ends the session. Its answer is no line: Socket.IO's own server says 200 here. */
  async broken(body, type = 'text/plain;charset=UTF-8') {
    this.write(`POST ${type} ${quoted(typeof body === 'string' ? body : latin1(body))}`);
    const { answer } = await this.request('POST', { method: 'POST', body, headers: { 'content-type': type } });
    if (stricter && answer.status !== 400) this.write(`answer: ${answer.status}`);
    await this.gone();
  }
  async gone() {
    const { answer, body } = await this.request('GET');
    this.write(`then GET: ${answer.status} ${quoted(latin1(body))}`);
  }
}

/** One WebSocket. */
class Frames {
  static async open(server, path, query = '') {
    const self = new Frames();
    self.lines = [];
    self.wire = await Wire.open(`${server.ws}${path}?EIO=3&transport=websocket${query}`, { pongs: false });
    const open = await self.wire.next();
    self.sid = JSON.parse(open.slice(1)).sid;
    self.write(`open: ${open}`);
    return self;
  }
  write(line) { this.lines.push(line.replaceAll(this.sid, '<sid>')); }
  send(data) {
    this.write(`send: ${typeof data === 'string' ? quoted(data) : `<${data.toString('hex')}>`}`);
    this.wire.send(data);
  }
  async next() {
    const frame = await this.wire.next(8000);
    this.write(`got: ${typeof frame === 'string' ? quoted(frame) : `<${frame.toString('hex')}>`}`);
    return frame;
  }
  async closed() {
    const { code } = await this.wire.closed(8000);
    this.write(`closed: ${code}`);
  }
}

const echo = '/engine.io/';
const app = '/socket.io/';
const octets = 'application/octet-stream';
const form = 'application/x-www-form-urlencoded';

const talk = (path, query, run) => async (server) => {
  const session = await new Talk(server, path, query).open();
  await run(session);
  return session.lines;
};
const frames = (path, query, run) => async (server) => {
  const socket = await Frames.open(server, path, query);
  try { await run(socket); } finally { await socket.wire.close(); }
  return socket.lines;
};
const wrongPayload = (body, type) => talk(echo, '', (s) => s.broken(body, type));

/** Joins `/` over WebSocket: the answer and the app's first event. */
const joined = (query, run) => frames(app, query, async (s) => {
  await s.next();
  await s.next();
  await run(s);
});
const closes = (frame) => joined('', async (s) => {
  s.send(frame);
  await s.closed();
});

export const scenarios = {
  // ---- Engine.IO: payloads ----
  'text is measured in UTF-16': talk(echo, '', async (s) => {
    await s.post('6:4hello2:4€3:4😀6:4ÿ\u2028\n\\"');
    await s.get();
  }),
  'a ping is answered': talk(echo, '', async (s) => { await s.post('1:2'); await s.get(); }),
  'a ping is answered without its data': talk(echo, '', async (s) => { await s.post('6:2probe4:2abc'); await s.get(); }),
  'empty packets are skipped': talk(echo, '', async (s) => { await s.post('0:2:4a0:'); await s.get(); }),
  'an empty message': talk(echo, '', async (s) => { await s.post('2:4a2:b4'); await s.get(); }),
  'base64 both ways': talk(echo, '&b64=1', async (s) => { await s.post('10:b4AQIDBA==2:4a4:b4/w'); await s.get(); }),
  'base64 in, binary out': talk(echo, '', async (s) => { await s.post('10:b4AQIDBA==3:4ä€'); await s.get(); }),
  'a value of b64 is enough': talk(echo, '&b64=0', async (s) => { await s.post('8:b4AQIDBA'); await s.get(); }),
  'an empty b64 is none': talk(echo, '&b64=', async (s) => { await s.post('8:b4AQIDBA'); await s.get(); }),
  'binary of no known type is nothing': talk(echo, '', async (s) => { await s.post('1:b2:bx3:b7A2:4a'); await s.get(); }),
  'binary payloads': talk(echo, '', async (s) => {
    await s.post(Buffer.from('\x01\x04\xff\x04\x01\x02\x03\x00\x04\xff4\xe2\x82\xac\x00\x02\xff4a\x01\x01\xff\x04', 'latin1'), octets);
    await s.get();
  }),
  'a binary payload of more than nine': talk(echo, '', async (s) => {
    await s.post(Buffer.concat([Buffer.from([1, 1, 0, 1, 255, 4]), Buffer.alloc(100, 0x2e)]), octets);
    await s.get();
  }),
  'an empty binary payload': talk(echo, '', async (s) => { await s.post(Buffer.alloc(0), octets); await s.post('2:4a'); await s.get(); }),
  'a close packet': talk(echo, '', async (s) => { await s.post('2:4a1:12:4b').catch(() => {}); await s.gone(); }),
  'no length': wrongPayload('4hello'),
  'no payload': wrongPayload(''),
  'a length that is too long': wrongPayload('9:4a'),
  'a length that is no number': wrongPayload('x:4a'),
  'no type': wrongPayload('1:x'),
  'a type beyond six': wrongPayload('2:7a'),
  'something behind the last packet': wrongPayload('2:4a3'),
  'a pong': wrongPayload('1:3'),
  'a payload of revision 4': wrongPayload('4a\x1e4b'),
  'binary without the end of its length': wrongPayload(Buffer.from([0, 1, 1, 1]), octets),
  'binary text of no type': wrongPayload(Buffer.from([0, 1, 255, 0x78]), octets),
  'binary text that is no UTF-8': wrongPayload(Buffer.from([0, 2, 255, 0x34, 0xff]), octets),
  // ---- JSONP ----
  'script and a form': talk(echo, '&b64=1&j=7', async (s) => {
    await s.post(`d=${encodeURIComponent('8:4"a\\n\\\\nb\u2028')}`, form);
    await s.get();
    await s.post('d=8%3Ab4AQIDBA', form);
    await s.get();
  }),
  'script of an index with letters': talk(echo, '&b64=1&j=a1b2', async (s) => { await s.post('d=2:4a', form); await s.get(); }),
  'a form without d': talk(echo, '&b64=1&j=0', async (s) => { await s.post('e=1', form); await s.post('d=2:4a', form); await s.get(); }),
  'a form with plus and escapes': talk(echo, '&b64=1&j=0', async (s) => { await s.post('x=1&d=6:4a+%C3%A4+b&y=2', form); await s.get(); }),
  // ---- WebSocket ----
  'frames': frames(echo, '', async (s) => {
    s.send('4hello €😀');
    await s.next();
    s.send(Buffer.from([4, 1, 2, 3]));
    await s.next();
    s.send('b4AQID');
    await s.next();
    s.send(Buffer.from([4]));
    await s.next();
    s.send('2');
    await s.next();
    s.send('2probe');
    await s.next();
    s.send('6');
    s.send(Buffer.from([9, 9]));
    s.send('4still here');
    await s.next();
  }),
  'frames of a client without binary data': frames(echo, '&b64=1', async (s) => {
    s.send(Buffer.from([4, 1, 2, 3]));
    await s.next();
  }),
  'a wrong frame': frames(echo, '', async (s) => { s.send('x'); await s.closed(); }),
  'an empty frame': frames(echo, '', async (s) => { s.send(''); await s.closed(); }),
  'a pong in a frame': frames(echo, '', async (s) => { s.send('3'); await s.closed(); }),
  // ---- Socket.IO protocol 4 ----
  'joins / without asking': talk(app, '', async (s) => { await s.get(); }),
  'joins / without asking over WebSocket': joined('', async () => {}),
  'events and acks': joined('', async (s) => {
    s.send('42["message",1,"2",{"3":[true]}]');
    await s.next();
    s.send('4217["message-with-ack",1,"2",null]');
    await s.next();
    s.send('42["emit-with-ack",1]');
    const asked = /^42(\d+)\[/.exec(await s.next());
    s.lines.pop(); // its id counts over the whole namespace
    s.wire.send(`43${asked[1]}["answer"]`);
    await s.next();
  }),
  'attachments': joined('', async (s) => {
    s.send('451-["message",{"_placeholder":true,"num":0}]');
    s.send(Buffer.from([4, 1, 2, 3]));
    await s.next();
    await s.next();
    s.send('451-["message",{"_placeholder":true,"num":0}]');
    s.send('b4AQID');
    await s.next();
    await s.next();
    s.send('42["make-binary",2]');
    for (let i = 0; i < 4; i++) await s.next();
  }),
  'attachments over polling': talk(app, '', async (s) => {
    await s.get();
    const header = '451-["message",{"_placeholder":true,"num":0}]';
    await s.post(`${header.length}:${header}6:b4AQID`);
    await s.get();
  }),
  'a namespace with a query': joined('', async (s) => {
    s.send('40/custom?token=a%20b+c&x=1&x=2&e=,');
    await s.next();
    await s.next();
    s.send('42/custom,1["whoami"]');
    await s.next();
    s.send('42/custom?y=1,["message","the query of an event is nothing"]');
    await s.next();
    s.send('41/custom,');
    s.send('42["message","still in /"]');
    await s.next();
  }),
  'a namespace without a comma': joined('', async (s) => {
    s.send('40/custom');
    await s.next();
    await s.next();
  }),
  'a payload of CONNECT is not the auth': joined('', async (s) => {
    s.send('40/custom,{"token":"x"}');
    await s.next();
    await s.next();
  }),
  'ids': joined('&tag=t1', async (s) => {
    s.send('421["whoami"]');
    await s.next();
    s.send('422["handshake",[]]');
    s.write((await s.wire.next()).replace(/&?"t":"[^"]*",?/, ''));
  }),
  'a refused namespace gets the data alone': joined('', async (s) => {
    s.send('40/auth?token=wrong,');
    await s.next();
    s.send('40/auth,');
    await s.next();
    s.send('40/auth?token=secret,');
    await s.next();
    await s.next();
  }),
  'an unknown namespace': joined('', async (s) => {
    s.send('40/none?a=b,');
    await s.next();
    s.send('42["message","still here"]');
    await s.next();
  }),
  'a namespace made on demand': joined('', async (s) => {
    s.send('40/dyn-77?q=1,');
    await s.next();
    await s.next();
  }),
  'disconnect by the server': joined('', async (s) => {
    s.send('40/custom,');
    await s.next();
    await s.next();
    s.send('42/custom,["bye",false]');
    await s.next();
    s.send('42["bye",true]');
    await s.next();
    await s.closed();
  }),
  'an event refused by a packet middleware': joined('', async (s) => { s.send('42["blocked"]'); await s.next(); }),
  '/ joined again': closes('40'),
  'an event of a namespace that is not joined': closes('42/custom,["a"]'),
  'no packet': closes('4abc'),
  'an empty message to the app': closes('4'),
  'a reserved event': closes('42["connect"]'),
  'an error packet': closes('44"x"'),
  'binary without a header': closes(Buffer.from([4, 1, 2])),
  'text inside of binary': joined('', async (s) => {
    s.send('451-["message",{"_placeholder":true,"num":0}]');
    s.send('42["message"]');
    await s.closed();
  }),
  // ---- upgrade ----
  'upgrade': async (server) => {
    const s = await new Talk(server, echo, '').open();
    const wire = await Wire.open(`${server.ws}${echo}?EIO=3&transport=websocket&sid=${s.sid}`, { pongs: false });
    try {
      const poll = s.get();
      wire.send('2probe');
      s.write(`probe: ${await wire.next()}`);
      await poll;
      await s.post('2:4a8:b4AQIDBA');
      wire.send('5');
      for (let i = 0; i < 2; i++) {
        const frame = await wire.next();
        s.write(`frame: ${typeof frame === 'string' ? frame : `<${frame.toString('hex')}>`}`);
      }
      wire.send('2');
      s.write(`frame: ${await wire.next()}`);
      await s.gone();
    } finally {
      await wire.close();
    }
    return s.lines;
  },
  // ---- JSONP of revision 4 (clients 3 and 4.0 to 4.2 in old browsers) ----
  'script of revision 4': async (server) => {
    const s = new Talk(server, echo, '&j=2');
    s.base = s.base.replace('EIO=3', 'EIO=4');
    s.url = s.base;
    await s.open();
    await s.post('d=4a%1EbAQID', form);
    await s.get();
    return s.lines.map((line) => line.replace('\\\\u001e2', '')); // the server may have pinged meanwhile
  },
};
