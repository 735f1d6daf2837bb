// What the application is asked over every way of connecting: name -> what is said.
import { unique } from '../lib/server.mjs';
import { Link, ways } from './link.mjs';

const bytes = (...list) => Buffer.from(list);
const told = { ack: false };
const many = Array.from({ length: 10 }, (_, i) => bytes(i));
const odd = ['', 'aäß€\u{1F600}', '\u2028\u2029', '\u0000\u001f\u007f', '"\\/\b\f\n\r\t', '</script>', '\ud800', 'x'.repeat(300)];
const numbers = [0, -0, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 127, 128, 255, 256, -32, -33, -129];

/** Calls of one socket of `nsp`: [event and arguments, options of Link.call]. */
const talks = {
  'values': [
    [['message'], told], [['message', null, true, false, [], {}, [[[]]], { a: { b: [1, null] } }], told],
    [['message', ...odd], told], [['message', ...numbers], told], [['message', { '': '', __placeholder: 1, num: 0 }], told],
    [['message-with-ack']], [['message-with-ack', ...odd]], [['message-with-ack', ...numbers]],
  ],
  'binary': [
    [['message', bytes(0, 1, 255), 'text', bytes()], told], [['message', { list: [bytes(1), { deep: bytes(2) }], n: 1 }, bytes(3)], told],
    [['message', ...many], told], [['message-with-ack', bytes(1), [bytes(2)]]], [['make-binary', 0], told], [['make-binary', 3], told],
    [['make-binary', 300], told], [['big', 5, 'binary'], told], [['big', 70_000, 'binary'], told],
  ],
  'texts of any size': [[['big', 0, 'text'], told], [['big', 5, 'text'], told], [['big', 70_000, 'text'], told], [['message-with-ack', 'y'.repeat(70_000)]]],
  'sizes': [[['size', 'a\u{1F600}é']], [['size', '']], [['size', bytes(1, 2)]], [['size', bytes()]]],
  'acks': [[['ack-twice']], [['never-ack'], told], [['nobody-hears', 1], told], [['message'], told], [['message-with-ack'], told]],
  'who it is': [[['whoami']], [['handshake', ['host', 'x-custom', 'x-none', 'origin']]], [['handshake', 'host']], [['handshake', null]], [['handshake', []]]],
  'rooms': [
    [['join', ['b', 'a']]], [['join', 'c']], [['join', ['a']]], [['join', null]], [['join', []]], [['join', ['']]], [['whoami']],
    [['leave', ['a', 'none']]], [['leave', 'b']], [['leave', null]], [['whoami']],
  ],
  'data': [[['set-data', { a: 1, b: { c: [null] } }]], [['set-data', { a: 2, 'ä€': '\u{1F600}' }]], [['set-data', {}]], [['op-fetch', {}]]],
  'broadcasts to itself': [
    [['join', ['r']]], [['op-emit', {}, 'note', [1, 'a']]], [['op-emit', { to: ['r'] }, 'note', []]], [['op-emit', { to: 'r' }, 'note', [bytes(1), { x: bytes() }]]],
    [['op-emit', { to: ['r', 'r', 's'] }, 'note', ['once']]], [['op-emit', { to: ['r'], except: ['r'] }, 'note', ['never']]],
    [['op-emit', { from: 'socket' }, 'note', ['never']]], [['op-emit', { from: 'socket', to: ['r'] }, 'note', ['never']]],
    [['op-emit', { local: true }, 'note', ['local']]], [['op-emit', { to: ['none'] }, 'note', ['never']]], [['op-emit', {}, '', ['no name']]],
  ],
  'questions to all': [
    [['op-emit-ack', {}, 'echo', [1, 'a']]], [['op-emit-ack', { to: ['none'] }, 'echo', [1]]], [['op-emit-ack', { timeout: 50 }, 'nobody', [1]]],
    [['op-emit-ack', { from: 'socket' }, 'echo', [1]]], [['op-emit-ack', { to: ['none'], timeout: 100 }, 'nobody', []]], [['op-emit-ack', {}, 'bytes', []]],
  ],
  'questions': [
    [['ask', 2000, 'sum', [2, 3]]], [['ask', 50, 'nobody', []]], [['ask', 2000, 'echo', []]], [['ask', 2000, 'echo', ['a', null]]], [['ask', 2000, 'bytes', []]], [['ask-many', 5]], [['ask-many', 0]],
    [['emit-with-ack', 1, 'a'], { ack: false, more: 2 }],
  ],
  'other sockets': [
    [['op-fetch', { to: ['none'] }]], [['op-join', {}, ['n1', 'n2']]], [['whoami']], [['op-leave', {}, ['n1']]], [['whoami']],
    [['op-join', { from: 'socket' }, ['n3']]], [['whoami']], [['op-disconnect', { to: ['none'] }, true]],
  ],
  'a flood': [[['flood', 0]], [['flood', 5]]],
  'a middleware': [[['blocked'], { ack: false, more: 1 }], [['blocked', 1, bytes(1)], { ack: false, more: 1 }]],
  'counts': [[['stats']], [['join', ['x', 'y']]], [['stats']]],
  'names of events': [[['', 1], told], [['no such event'], told], [['toString', 1], told], [['__proto__', 1], told]],
  'other servers': [[['sse', 'sse-ping', [1], false]], [['sse-log']]],
  'questions to other servers': [[['sse', 'sse-ping', [1], true], { ack: 'maybe' }]],
  'acks of what comes back': [[['message', 1, bytes(2)], { ack: 'maybe', more: 1 }]],
};

let child = 1000;
export const packets = {};
for (const way of Object.keys(ways)) {
  for (const [what, calls] of Object.entries(talks)) {
    const number = ++child; // a namespace of its own, so that the counts are too
    packets[`${what}, ${way}`] = async (talk) => {
      const link = await Link.joined(talk, way, { nsp: `/dyn-${number}`, headers: { 'x-custom': 'yes', host: '<host>' } });
      for (const [args, options] of calls) await link.call(args, options);
    };
  }

  const old = ways[way].eio === 3;
  const over = (what, options, run) => {
    packets[`${what}, ${way}`] = async (talk) => run(await Link.joined(talk, way, options), talk);
  };
  const close = (what, run) => over(what, {}, async (link) => { await run(link); await link.closes(); });

  over('the main namespace', { query: '&tag=abc&x=%20y' }, async (link) => { await link.call(['whoami']); await link.call(['handshake', []]); });
  over('a namespace', { nsp: '/custom', auth: old ? undefined : { token: 'a', n: [1, { b: null }] } }, async (link) => {
    await link.call(['whoami']);
    await link.call(['message', 'x'], told);
  });
  over('a namespace that asks', old ? { nsp: '/auth?token=secret' } : { nsp: '/auth', auth: { token: 'secret' } }, async (link) => {
    link.nsp = '/auth';
    await link.call(['whoami']);
  });
  packets[`refusals, ${way}`] = async (talk) => {
    const link = await Link.joined(talk, way);
    const tokens = old ? ['?token=wrong', '?', ''] : [{ token: 'wrong' }, { token: null }, undefined];
    for (const token of tokens) {
      await link.send({ type: 0, nsp: `/auth${old ? token : ''}`, data: old ? undefined : token });
      await link.take();
    }
    for (const nsp of ['/none', '/dyn-', '/dyn-1x', '/Custom', '/custom/', '/ä']) {
      await link.send({ type: 0, nsp });
      await link.take();
    }
    await link.settle();
  };
  over('parents', { nsp: `/dyn-${++child}` }, async (link) => link.call(['message-with-ack', 1]));
  over('leaving a namespace', { nsp: '/custom' }, async (link, talk) => {
    if (!old) {
      await link.send({ type: 0, nsp: '/' });
      for (let i = 0; i < 2; i++) await link.take();
    }
    await link.leave();
    link.nsp = '/';
    await link.settle();
    await link.send({ type: 0, nsp: '/custom' });
    for (let i = 0; i < 2; i++) await link.take();
    talk.say('again');
  });
  over('sent away from a namespace', { nsp: '/custom' }, async (link) => {
    if (!old) {
      await link.send({ type: 0, nsp: '/' });
      for (let i = 0; i < 2; i++) await link.take();
    }
    await link.event(['bye', false]);
    await link.take();
    link.nsp = '/';
    await link.settle();
  });
  close('sent away', (link) => link.event(['bye', true]));
  close('dropped', (link) => link.event(['drop']));
  close('disconnected by the room', async (link) => {
    await link.call(['whoami']);
    await link.call(['join', ['gone']]);
    await link.event(['op-disconnect', { to: ['gone'] }, true], 1);
  });
  over('a reserved event', {}, async (link, talk) => {
    await link.event(['disconnect']);
    await link.event(['message-with-ack', 'settled'], 99).catch(() => {});
    await link.until(99).catch(() => talk.say('closed'));
  });
  close('a namespace that is not joined', (link) => { link.nsp = '/custom'; return link.event(['message']); });
  close('joined twice', (link) => link.send({ type: 0, nsp: '/' }));
  close('an error packet', (link) => link.send({ type: 4, nsp: '/', data: { message: 'x' } }));

  const ends = {
    'by the server': (link) => link.event(['bye', false]),
    'by the server with its connection': async (link) => { await link.event(['bye', true]); await link.closes(); },
    'by a drop': async (link) => { await link.event(['drop']); await link.closes(); },
    'by the client': (link) => link.leave(),
    'by its transport': (link) => link.session.close(),
  };
  for (const [what, end] of Object.entries(ends)) {
    packets[`left ${what}, ${way}`] = async (talk) => {
      const tag = unique('tag');
      const link = await Link.joined(talk, way, { query: `&tag=${tag}` });
      const asks = await Link.joined(talk, way, { nsp: '/' });
      await end(link);
      await asks.call(['reason-of', tag]);
    };
  }
}

// Text of the default parser as it is: [what, frames, ...]. The frames follow the join of `/`.
const hole = (num) => `{"_placeholder":true,"num":${num}}`;
const raws = [
  ['4abc'], ['x'], ['4'], ['42'], ['42[]'], ['42[""]'], ['42[1]'], ['42[null]'], ['42{}'], ['42"a"'], ['42["a"'], ['42["a"]x'], ['42 ["a"]'],
  ['42["connect"]'], ['42["newListener"]'], ['42-1["a"]'], ['421'], ['423["message-with-ack"]'], ['4200["message-with-ack"]'],
  ['42123456789012345678["message-with-ack"]'], ['4299999999999999999999999["message-with-ack",1]'], ['43["a"]'], ['437[1]'], ['437'], ['437{}'], ['41'], ['41{"a":1}'], ['41/custom,'],
  ['42/custom,["a"]'], ['42/,1["message-with-ack"]'], ['42/'], ['40/custom'], ['40/custom,{}'], ['40/custom,null'], ['40/custom,[1]'], ['40/custom,"a"'],
  ['40/custom,1'], ['40/custom,{"a":1}x'], ['40/custom?x=1,'], ['40custom,'], ['40/'], ['40{}'], ['44{"message":"x"}'], ['44'], ['45'], ['450-["x"]'], ['4511-["b"]'],
  ['451-["message"]', Buffer.from('x')], [`451-["message",${hole(0)}]`, '42["message"]'], [`451-["message",${hole(0)}]`, '451-["message"]'], [`451-["message",${hole(1)}]`, Buffer.from('x')],
  [`451-["message",${hole(-1)}]`, Buffer.from('x')], [`451-["message",${hole('"0"')}]`, Buffer.from('x')], [`451-["message",${hole(0)},${hole(0)}]`, Buffer.from('xy')],
  [`451-["message",${hole(0)}]`, Buffer.alloc(0)], [Buffer.from('x')], ['451["message"]'], ['45-["message"]'], ['451-message'], ['461-1["a"]', Buffer.from('x')], [`452-["message",${hole(0)},${hole(1)}]`, Buffer.from('x'), Buffer.from('y')],
  ['47["a"]'], ['49'], ['42["message",1e400]'], ['42["message",-0,1.0,1E2,0.10]'], ['42["message","\\u0041\\ud83d\\ude00\\ud800"]'], ['42["message", 1 , {"b" : 2, "a":[ ] }]'], ['42["message",{"a":1,"a":2}]'],
  ['42["message",{"2":1,"1":2,"b":3,"a":4}]'], ['42["message",123456789012345678901234567890]'], ['42["message",01]'], ['42["message",undefined]'],
];
for (const eio of [4, 3]) {
  for (const frames of raws) {
    const shown = frames.map((frame) => (Buffer.isBuffer(frame) ? `<${frame.toString('hex')}>` : frame)).join(' ');
    const way = eio === 4 ? 'WebSocket' : 'WebSocket of revision 3';
    packets[`${shown}, ${way}`] = async (talk) => {
      const link = await Link.joined(talk, way);
      for (const frame of frames) await link.session.send(frame);
      await talk.exchange({ path: '/' }); // Node joins a namespace a moment later than it reads the packet
      await link.event(['message-with-ack', 'alive'], 99).catch(() => {});
      await link.until(99).catch((error) => talk.say(error.message));
    };
  }
}
