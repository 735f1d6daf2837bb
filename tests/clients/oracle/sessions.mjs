// Sessions of Engine.IO with the bare echo: name -> what is said.
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../lib/server.mjs';
import { Wire } from '../lib/wire.mjs';

const form = 'application/x-www-form-urlencoded';
const octets = 'application/octet-stream';
const packets = (...list) => list.join('\x1e');

/** A polling session: what is posted, then what a poll brings. */
const said = (bodies, options) => async (talk) => {
  const session = await talk.polling(options ?? {});
  for (const body of [bodies].flat()) await session.post(body);
  await session.get();
};
/** A POST that ends the session. */
const broken = (body, { type, headers, ...options } = {}) => async (talk) => {
  const session = await talk.polling(options);
  await session.post(body, type ?? 'text/plain;charset=UTF-8', headers);
  await session.get();
};
const frames = (options, run) => async (talk) => {
  const socket = await talk.webSocket(options);
  await run(socket);
};
const echoed = (list, options = {}) => frames(options, async (socket) => {
  for (const one of list) { socket.raw(one); await socket.frame(); }
});
const ends = (frame, options = {}) => frames(options, async (socket) => { socket.raw(frame); await socket.closed(); });

const get = (talk, session) => talk.exchange({ path: session.path });
const post = (body) => (talk, session) => talk.exchange({ method: 'POST', path: session.path, headers: { 'content-type': 'text/plain' }, body });
/** A poll, and another request while it waits; what both get. */
const overlapping = (second) => async (talk) => {
  const session = await talk.polling({});
  const early = get(talk, session);
  await delay(300);
  const answers = await Promise.all([second(talk, session), early]);
  for (const line of answers.map(({ status, body }) => `${status} ${talk.quote(body)}`).sort()) talk.say(line);
  await session.get();
};
/** A POST whose body never comes, and another one. */
const overlappingPosts = async (talk) => {
  const session = await talk.polling({});
  const half = net.connect(talk.server.port, '127.0.0.1');
  half.on('error', () => {});
  half.write(`POST ${session.path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n4a`);
  await delay(300);
  const { status, body } = await post('4b')(talk, session);
  talk.say(`${status} ${talk.quote(body)}`);
  await session.get();
  half.destroy();
};

const upgraded = (run) => async (talk) => {
  const session = await talk.polling({});
  const wire = await talk.webSocket({ query: `&sid=${session.sid}` });
  await run(talk, session, wire);
};
const compressed = (encoding) => async (talk) => {
  const session = await talk.polling({ path: '/engine.io/' });
  await session.post(`4${'x'.repeat(3000)}`);
  await session.get({ 'accept-encoding': encoding });
};

const wrong = ['', 'x', '7', '4a\x1e7', '2', '0', '5', 'ä', '\x1e', '4a\x1e', 'b!', 'bQ'];
const wrongFrames = ['', 'x', '7', 'ä', '2', '2probe', '\x1e'];

export const sessions = {
  // ---- polling, revision 4 ----
  'text': said('4text'),
  'text beyond ASCII': said('4aäß€\u{1F600}\u2028\u0000\n"\\'),
  'text that is no UTF-8': said(Buffer.from('4a\xff\xc3(\xed\xa0\x80', 'latin1')),
  'several packets': said(packets('4a', '4', 'bAQID', '4b')),
  'several POSTs': said(['4a', '4b', 'b/w==']),
  'binary': said(packets('bAAECAwQ=', 'b', 'b/w')),
  'a pong and an upgrade packet mean nothing': said(packets('3', '4a')),
  'a noop means nothing': said(packets('6', '4a')),
  'a body of any text type': async (talk) => {
    const session = await talk.polling({});
    for (const type of ['text/plain', 'application/json', '', 'text/html; charset=latin1', form]) await session.post('4a', type);
    await session.get();
  },
  'a close packet': broken('1'),
  'a close packet among others': broken(packets('4a', '1', '4b')),
  'octets': broken('4a', { type: octets }),
  ...Object.fromEntries(wrong.map((body) => [`no payload: ${JSON.stringify(body)}`, broken(body)])),
  'a body at the limit': said(`4${'x'.repeat(999_999)}`),
  'a body over the limit': broken(`4${'x'.repeat(1_000_000)}`, { headers: { connection: 'close' } }),
  'another method': async (talk) => {
    const session = await talk.polling({});
    for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) await talk.request(method, { method, path: session.path });
    await session.post('4a');
    await session.get();
  },
  'another revision': async (talk) => {
    const session = await talk.polling({});
    for (const eio of ['EIO=3', 'EIO=5', 'EIO=', 'x=1']) await talk.request(eio, { path: session.path.replace('EIO=4', eio) });
    await session.post('4a');
    await session.get();
  },
  'another transport': async (talk) => {
    const session = await talk.polling({});
    await talk.request('websocket', { path: session.path.replace('polling', 'websocket') });
    await talk.request('none', { path: session.path.replace('polling', 'none') });
    await session.post('4a');
    await session.get();
  },
  'two polls at once': overlapping(get),
  'two POSTs at once': overlappingPosts,
  'a poll that waits, and a close packet': overlapping(post('1')),
  'a poll of a WebSocket session': async (talk) => {
    const socket = await talk.webSocket({});
    const [sid] = talk.ids.keys();
    for (const method of ['GET', 'POST']) await talk.request(method, { method, path: `/engine.io/?EIO=4&transport=polling&sid=${sid}` });
    socket.raw('4still here');
    await socket.frame();
  },
  'a compressed answer': compressed('gzip, deflate'),
  'a compressed answer, deflate': compressed('deflate'),
  'no compressed answer': compressed('identity'),
  'an answer in no coding that is known': compressed('x-none'),
  'a small answer is not compressed': async (talk) => {
    const session = await talk.polling({});
    await session.post(`4${'x'.repeat(1000)}`);
    await session.get({ 'accept-encoding': 'gzip' });
  },
  // ---- polling, revision 3; the rest is in lib/old_scenarios.mjs ----
  'text of revision 3': said('6:4a€\u{1F600}b2:4c', { eio: 3 }),
  'a compressed answer of revision 3': async (talk) => {
    const session = await talk.polling({ eio: 3 });
    await session.post(`2001:4${'y'.repeat(2000)}`);
    await session.get({ 'accept-encoding': 'gzip' });
  },
  'binary of revision 3': async (talk) => {
    const session = await talk.polling({ eio: 3 });
    await session.post(Buffer.from('\x01\x04\xff\x04\x01\x02\x03', 'latin1'), octets);
    await session.get();
  },
  'JSONP': async (talk) => {
    const session = await talk.polling({ query: '&j=3' });
    await session.post(`d=${encodeURIComponent('4"a\\nb\u2028</script>')}`, form);
    await session.get();
    await session.post('d=4a%1EbAQI', form);
    await session.get();
  },
  'JSONP of revision 3': async (talk) => {
    const session = await talk.polling({ eio: 3, query: '&j=3&b64=1' });
    await session.post(`d=${encodeURIComponent('10:4"\\nb\u2028\u2029\u{1F600}</')}`, form);
    await session.get();
  },
  'JSONP with an old browser': async (talk) => {
    const session = await talk.polling({ query: '&j=0', headers: { 'user-agent': 'Mozilla/4.0 (compatible; MSIE 8.0)' } });
    await session.post('d=4a', form);
    await session.get();
  },
  'polling with an old browser': async (talk) => {
    const session = await talk.polling({ headers: { 'user-agent': 'Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0)' } });
    await session.post('4a');
    await session.get();
  },
  // ---- WebSocket ----
  'frames': echoed(['4text €\u{1F600}', '4', Buffer.from([1, 2, 3]), Buffer.alloc(0), '4a\x1e4b', `4${'x'.repeat(999_999)}`]),
  'frames of revision 3': echoed(['4text €', Buffer.from([4, 1, 2]), 'b4AQID', '2', '2probe'], { eio: 3 }),
  'a frame over the limit': ends(`4${'x'.repeat(1_000_000)}`),
  'a binary frame over the limit': ends(Buffer.alloc(1_000_001)),
  'a frame that is a noop or a pong': frames({}, async (socket) => {
    for (const one of ['6', '3', '5', '4alive']) socket.raw(one);
    await socket.frame();
  }),
  ...Object.fromEntries(wrongFrames.map((one) => [`no frame: ${JSON.stringify(one)}`, ends(one)])),
  'a frame with an open packet': ends('0'),
  'a frame with a close packet': frames({}, async (socket) => { socket.raw('1'); socket.raw('4a'); await socket.frameOrClosed(); }),
  'a close frame': frames({}, async (socket) => { socket.wire.socket.close(4001, 'why'); await socket.closed(); }),
  'a close frame without a code': frames({}, async (socket) => { socket.wire.socket.close(); await socket.closed(); }),
  // ---- upgrade ----
  'an upgrade': upgraded(async (talk, session, wire) => {
    wire.raw('2probe');
    await wire.frame();
    await session.get();
    wire.raw('5');
    wire.raw('4a');
    await wire.frame();
    await session.get();
    await session.post('4b');
    wire.raw('4c');
    await wire.frame();
  }),
  'a probe that is none': upgraded(async (talk, session, wire) => {
    wire.raw('4a');
    await wire.closed();
    await session.post('4b');
    await session.get();
  }),
  'an upgrade packet without a probe': upgraded(async (talk, session, wire) => {
    wire.raw('5');
    await delay(300);
    await session.post('4b');
    await session.get();
  }),
  'a second probe': upgraded(async (talk, session, wire) => {
    wire.raw('2probe');
    await wire.frame();
    const second = await talk.webSocket({ query: `&sid=${session.sid}` });
    await second.closed();
    wire.raw('5');
    wire.raw('4a');
    await wire.frame();
  }),
  'a WebSocket for a session that was upgraded': upgraded(async (talk, session, wire) => {
    wire.raw('2probe');
    await wire.frame();
    wire.raw('5');
    wire.raw('4a');
    await wire.frame();
    const second = await talk.webSocket({ query: `&sid=${session.sid}` });
    await second.closed();
    wire.raw('4b');
    await wire.frame();
  }),
  'an upgrade of another revision': async (talk) => {
    const session = await talk.polling({});
    const url = `${talk.server.ws}/engine.io/?EIO=3&transport=websocket&sid=${session.sid}`;
    const refused = await within(5000, Wire.open(url).then((wire) => wire.closed(), (error) => error), 'refusal');
    talk.say(refused.message ?? `closed ${refused.code}`);
    await session.post('4b');
    await session.get();
  },
  'an upgrade that is over when the session is': upgraded(async (talk, session, wire) => {
    await session.post('1');
    await wire.closed();
  }),
};
