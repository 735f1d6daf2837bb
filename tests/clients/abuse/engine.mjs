// Engine.IO revision 4: requests, payloads, packets in the wrong direction, two of what may be once, upgrades.
import { frame, head, hex, upgrade, version } from './bytes.mjs';

const handshake = (query, method = 'GET') => [head(`${method} /socket.io/${query}`)];
const unknown = 'GET 400 {"code":1,"message":"Session ID unknown"}';
const octets = 'application/octet-stream';
const bad = '400 {"code":3,"message":"Bad request"}';
const dead = (body, more) => [{ post: body, ...more }, { get: true }];

export const engine = [
  {
    id: 'query-transport', input: 'a request without a transport that is known', ends: ['400 {"code":0,"message":"Transport unknown"}', 'alive'], where: 'tcp',
    cases: ['', '?', '?EIO', '?EIO=4', '?EIO=4&transport', '?EIO=4&transport=', '?EIO=4&transport=carrier', '?EIO=4&transport=webtransport',
      '?EIO=4&transport=%ff%fe', '?EIO=4&transport=polling%', '?EIO=4&transport=polling%00', '?EIO=4&transport=POLLING', '?EIO=4&transport=polling&transport=x',
      '?__proto__=1&constructor=2', '?%', '?=polling', `?${'a=b&'.repeat(1200)}transport=polling&EIO=4`].map((query) => [JSON.stringify(query.slice(0, 60)), handshake(query)]),
  },
  {
    id: 'query-sid', input: 'an id that is no session, or no id', ends: ['400 {"code":1,"message":"Session ID unknown"}', 'alive'], where: 'tcp',
    cases: ['x', '%00', 'a'.repeat(5000), '../../etc/passwd', 'AAAAAAAAAAAAAAAAAAAA', '____________________', 'AAAAAAAAAAAAAAAAAAA%00', '%ff%ff']
      .map((sid) => [JSON.stringify(sid.slice(0, 30)), handshake(`?EIO=4&transport=polling&sid=${sid}`)]),
  },
  {
    id: 'query-method', input: 'a handshake that is not GET', ends: ['400 {"code":2,"message":"Bad handshake method"}', 'alive'], where: 'tcp',
    cases: ['POST', 'PUT', 'DELETE', 'TRACE', 'BREW'].map((method) => [method, handshake('?EIO=4&transport=polling', method)])
      .concat([['an upgrade with POST', [head('POST /socket.io/?EIO=4&transport=websocket', ...upgrade, version, 'Content-Length: 0')]]]),
  },
  {
    id: 'session-method', input: 'a method other than GET and POST on a session', ends: ['500', 'alive'], where: 'tcp, a session of revision 4',
    cases: ['PUT', 'DELETE', 'PATCH'].map((method) => [method, handshake('?EIO=4&transport=polling&sid=$sid', method)]),
  },
  {
    id: 'query-revision', input: 'a revision that the server does not speak', ends: ['400 {"code":5,"message":"Unsupported protocol version"}', 'alive'],
    where: 'tcp, msgpack app',
    cases: ['', '&EIO=3', '&EIO=5', '&EIO=04', '&EIO=4.0', '&EIO=%34%34', '&EIO=4&EIO=3'].map((query) => [JSON.stringify(query), handshake(`?transport=polling${query}`)]),
  },
  {
    id: 'query-mismatch', input: 'a request of another revision than that of its session', ends: [bad, 'alive'], where: 'tcp, a session of revision 4',
    cases: ['EIO=3&', 'EIO=5&', '', 'EIO=4&EIO=3&'].map((query) => [JSON.stringify(query), handshake(`?${query}transport=polling&sid=$sid`)]),
  },
  {
    id: 'query-mismatch-3', input: 'a request of revision 4 on a session of revision 3', ends: [bad, 'alive'], where: 'tcp, a session of revision 3',
    cases: [['GET', handshake('?EIO=4&transport=polling&sid=$sid')]],
  },
  {
    id: 'query-forbidden', input: 'a handshake that the application refuses, with its text', ends: ['alive'], where: 'tcp',
    cases: [
      ['markup and quotes', handshake('?EIO=4&transport=polling&deny=%3Cb%3E%22%5C%0A'), ['403 {"code":4,"message":"<b>\\"\\\\\\n"}']],
      ['no text', handshake('?EIO=4&transport=polling&deny='), ['403 {"code":4,"message":"Forbidden"}']],
      ['no UTF-8', handshake('?EIO=4&transport=polling&deny=%ff'), ['403 {"code":4,"message":"\ufffd"}']],
    ],
  },
  {
    id: 'payload', input: 'a POST of revision 4 that is no payload, or holds a packet that a client must not send: the session ends', ends: ['POST 400', unknown],
    where: 'polling 4, echo',
    cases: [
      ['nothing', dead('')],
      ['a packet of no known type', dead('x')],
      ['type 7', dead('7')],
      ['an empty packet', dead('4a\x1e')],
      ['a separator alone', dead('\x1e')],
      ['a wrong packet behind a good one', dead('4a\x1ex\x1e4b')],
      ['a ping, which only the server sends', dead('2')],
      ['a ping with data', dead('2probe')],
      ['NUL', dead('\0')],
      ['bytes that are no UTF-8', dead(hex('ff fe'))],
      ['a payload of revision 3', dead(':4hello')],
      ['10,001 packets', dead(`6${'\x1e6'.repeat(10_000)}`)],
      ['base64 with other characters in it', dead('bAQ!\nID')],
      ['base64 of one character', dead('bA')],
      ['an octet stream', dead(hex('00 01 02'), { type: octets })],
      ['an octet stream that is text', dead('4a', { type: octets })],
    ],
  },
  {
    id: 'payload-odd', input: 'odd, but a payload: served', ends: ['alive'], where: 'polling 4, echo',
    cases: [
      ['an open packet', [{ post: '0{"sid":"x"}' }], ['POST 200 ok']],
      ['an upgrade packet, a noop and a pong that nobody asked for', [{ post: '5\x1e6\x1e3' }], ['POST 200 ok']],
      ['bytes that are no UTF-8 in a message', [{ post: hex('34 61 ff 62') }, { get: true }], ['POST 200 ok', 'GET 200 4a\ufffdb']],
      ['an empty binary', [{ post: 'b' }, { get: true }], ['POST 200 ok', 'GET 200 b']],
      ['10,000 packets', [{ post: `6${'\x1e6'.repeat(9_999)}` }], ['POST 200 ok']],
    ],
  },
  {
    id: 'close-packet', input: 'a close packet in a POST: what is behind it is not read', ends: ['POST 200 ok', unknown], where: 'polling 4, echo',
    cases: [['alone', dead('1')], ['between messages', dead('4a\x1e1\x1e4b')]],
  },
  {
    id: 'overlap-get', input: 'a second GET while one waits: the session ends, the first one gets the close packet', ends: ['GET 200 1', bad.replace(/^/, 'GET ').replace(/ \{.*/, '')],
    where: 'polling 4, echo',
    cases: [['two at once', [{ overlap: true }]]],
  },
  {
    id: 'overlap-post', input: 'a second POST while one is read: the session ends', ends: ['POST 400', unknown], where: 'polling 4, echo',
    cases: [['the first one never ends', [{ begins: 'first' }, ...dead('4a')], ['first: 100']]],
  },
  {
    id: 'left', input: 'a waiting GET, or a POST within its body, that the client gives up: the session ends', ends: ['POST 400'], where: 'polling 4, echo',
    cases: [['GET', [{ leaves: 'first' }, { gone: true }]], ['POST', [{ begins: 'first' }, { cut: 'first' }, { gone: true }], ['first: 100']]],
  },
  {
    id: 'packet', input: 'a WebSocket message that is no packet, or one that a client must not send', ends: ['close'], where: 'WebSocket 4',
    cases: [
      ['an empty message', ['']],
      ['a packet of no known type', ['x']],
      ['type 7', ['7']],
      ['NUL', ['\0']],
      ['a ping', ['2']],
      ['a ping with data', ['2probe']],
      ['the close packet', ['1']],
      ['the close packet and a message behind it', ['1', '42["message","x"]']],
    ],
  },
  {
    id: 'packet-odd', input: 'a packet that means nothing here: not looked at', ends: ['alive'], where: 'WebSocket 4',
    cases: [
      ['an open packet', ['0{"sid":"x"}']],
      ['a pong that nobody asked for', ['3', '3probe']],
      ['an upgrade packet', ['5', '5']],
      ['a noop', ['6']],
      ['5000 of them', [{ raw: Buffer.concat(Array(5000).fill(frame(1, '6').raw)) }]],
    ],
  },
  {
    id: 'message-separator', input: 'a payload over WebSocket: one message', ends: ['alive'], where: 'WebSocket 4, echo',
    cases: [['two packets', ['4a\x1e4b'], ['4a\x1e4b']]],
  },
  // ---- upgrade ----
  {
    id: 'probe-bad', input: 'anything but `2probe` and `5` on a WebSocket that probes: it is closed, polling goes on', ends: ['w: close', 'alive'], where: 'polling 4, echo',
    cases: [
      ...[['a message', '4hello'], ['a ping', '2'], ['another probe', '2probex'], ['a pong', '3probe'], ['the close packet', '1'], ['a noop', '6'],
        ['an open packet', '0'], ['nothing', ''], ['garbage', 'x'], ['binary', Buffer.from([4])]]
        .map(([name, packet]) => [name, [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: packet }, { take: 'w' }], ['w: 101']]),
      ['a message after the probe', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: '2probe' }, { take: 'w' }, { on: 'w', send: '4hello' }, { take: 'w' }], ['w: 101', 'w: 3probe']],
    ],
  },
  {
    id: 'probe-frame', input: 'a bad frame on a WebSocket that probes: it is closed, polling goes on', ends: ['w: close 1002', 'alive'], where: 'polling 4, echo',
    cases: [['opcode 3', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: frame(3) }, { take: 'w' }], ['w: 101']]],
  },
  {
    id: 'probe-second', input: 'a second WebSocket while one probes: accepted and closed, the first one goes on', ends: ['w: alive'], where: 'polling 4, echo',
    cases: [['and the first upgrades', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: '2probe' }, { take: 'w' }, { open: 'v', query: '&sid=$sid' }, { take: 'v' },
      { on: 'w', send: '5' }], ['w: 101', 'w: 3probe', 'v: 101', 'v: close']]],
  },
  {
    id: 'probe-odd', input: 'odd ways through an upgrade: served', ends: ['w: alive'], where: 'polling 4, echo',
    cases: [
      ['probed twice', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: '2probe' }, { on: 'w', send: '2probe' }, { on: 'w', send: '5' }], ['w: 101', 'w: 3probe ×2']],
      ['not probed', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: '5' }], ['w: 101']],
      ['upgraded twice', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: '5' }, { on: 'w', send: '5' }], ['w: 101']],
      ['another WebSocket behind it is closed', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: '2probe' }, { take: 'w' }, { on: 'w', send: '5' }, { on: 'w', send: '4a' },
        { take: 'w' }, { open: 'v', query: '&sid=$sid' }, { take: 'v' }], ['w: 101', 'w: 3probe', 'w: 4a', 'v: 101', 'v: close']],
      ['GET and POST behind it are refused', [{ open: 'w', query: '&sid=$sid' }, { on: 'w', send: '2probe' }, { take: 'w' }, { on: 'w', send: '5' }, { on: 'w', send: '4a' },
        { take: 'w' }, { get: true }, { post: '4lost' }], ['w: 101', 'w: 3probe', 'w: 4a', `GET ${bad}`, `POST ${bad}`]],
    ],
  },
  {
    id: 'probe-revision', input: 'an upgrade of another revision than that of its session', ends: ['w: 400 Bad request', 'alive'], where: 'polling 4, echo',
    cases: [['revision 3', [{ open: 'w', query: '&sid=$sid&EIO=3' }]]],
  },
  {
    id: 'probe-left', input: 'fifty WebSockets that probe and leave', ends: ['alive'], where: 'polling 4, echo',
    cases: [['one after the other', Array.from({ length: 50 }, (_, i) => [{ open: `w${i}`, query: '&sid=$sid' }, { on: `w${i}`, send: '4close' }, { take: `w${i}` }]).flat()]],
    hide: /^(101|close)$/,
  },
  {
    id: 'websocket-second', input: 'a second WebSocket for a session that began on one: accepted and closed', ends: ['alive'], where: 'WebSocket 4, echo',
    cases: [['with a probe', [{ open: 'v', query: '&sid=$sid' }, { on: 'v', send: '2probe' }, { take: 'v' }], ['v: 101', 'v: close']]],
  },
];
