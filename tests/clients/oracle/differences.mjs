// Where gossamer's bytes are not those of Socket.IO's own server: in which conversation, which lines only one of them has, and why.
// oracle.test.mjs takes these differences and no others; a difference that is gone fails too.

import { createRequire } from 'node:module';
import { printable } from './talk.mjs';

const require = createRequire(import.meta.url);
const notepack = createRequire(require.resolve('socket.io-msgpack-parser'))('notepack.io');
const packed = (packet) => printable(notepack.encode(packet).toString('latin1'));

const webSockets = (frames) => ['WebSocket', 'WebSocket of revision 3'].map((way) => `${frames}, ${way}`);
const overAll = (what, ways) => ways.map((way) => `${what}, ${way}`);
const msgpack = ['msgpack over WebSocket', 'msgpack over polling'];
const others = ['WebSocket', 'polling', 'WebSocket of revision 3', 'polling of revision 3'];
const old = ['WebSocket of revision 3', 'polling of revision 3'];
const upgrade = 'GET /engine.io/?EIO=4&transport=websocket';
const app = 'GET /socket.io/?EIO=4&transport=websocket';
const cors = 'access-control-allow-credentials: true | access-control-allow-origin: http://allowed.example';
const accepted = 'sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const ok = 'answer: 200 | cache-control: no-store | content-type: text/html | "ok"';
const gone = 'GET: 400 | content-type: application/json | "{\\"code\\":1,\\"message\\":\\"Session ID unknown\\"}"';
const poll = (body) => `GET: 200 | cache-control: no-store | content-type: text/plain; charset=UTF-8 | "${body}"`;
const times = (count, line) => Array.from({ length: count }, () => line);
const unknown = ['/none', '/dyn-', '/dyn-1x', '/Custom', '/custom/', '/ä'];
const relayed = (ours, node) => ({ ours: [`"42[\\"message-back\\",${ours}]"`], node: [`"42[\\"message-back\\",${node}]"`] });
const verbatim = 'values that the application only passes on keep the text in which they came; Node reads and writes them';

/** Lines of Node that may be missing anywhere. */
export const general = [{
  why: 'packets that cannot be decoded close the connection; the `error` handlers of its sockets are not told first. Here the app would tell its client',
  shown: '`42["mw-error","invalid payload"]` and other texts of the parser, then the close',
  node: /^"42\[\\"mw-error\\",\\".*(payload|packet type|attachments|plaintext data|binary data|reading 'base64').*\\"\]"$/,
}];

export const differences = [
  // ---- requests ----
  {
    why: 'header fields that middlewares add (CORS) go out with every answer, the refusal of an upgrade included',
    where: ['a refusal of a WebSocket'],
    ours: [['no', 'no'], ['', 'Forbidden'], ['%3Cb%3E', '<b>']].map(([deny, text]) => `${app}&deny=${deny}: 400 | ${cors} | content-type: text/html | vary: Origin | "${text}"`),
    node: [['no', 'no'], ['', 'Forbidden'], ['%3Cb%3E', '<b>']].map(([deny, text]) => `${app}&deny=${deny}: 400 | content-type: text/html | "${text}"`),
  },
  {
    why: 'messages to clients are deflated without context, so that a broadcast is deflated once (decisions/deflate-without-context.md)',
    where: ['an offer of deflate', 'an offer of deflate with windows'],
    ours: [`${app}: 101 | ${cors} | ${accepted} | sec-websocket-extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover | upgrade: websocket | vary: Origin | ""`],
    node: [`${app}: 101 | ${cors} | ${accepted} | sec-websocket-extensions: permessage-deflate | upgrade: websocket | vary: Origin | ""`],
  },
  {
    why: 'the same',
    where: ['an offer of deflate to the bare engine'],
    ours: [`${upgrade}: 101 | ${accepted} | sec-websocket-extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover | upgrade: websocket | ""`],
    node: [`${upgrade}: 101 | ${accepted} | sec-websocket-extensions: permessage-deflate | upgrade: websocket | ""`],
  },
  {
    why: 'a broadcast that is deflated once has one window, the largest: an offer that forbids it is declined',
    where: ['an offer of a small window'],
    ours: [`${app}: 101 | ${cors} | ${accepted} | upgrade: websocket | vary: Origin | ""`],
    node: [`${app}: 101 | ${cors} | ${accepted} | sec-websocket-extensions: permessage-deflate; server_max_window_bits=10 | upgrade: websocket | vary: Origin | ""`],
  },
  {
    why: 'an offer with impossible parameters is declined (RFC 7692, 7), not answered with an error',
    where: ['an offer of an impossible window'],
    ours: [`${app}: 101 | ${cors} | ${accepted} | upgrade: websocket | vary: Origin | ""`],
    node: [`${app}: 400 | content-type: text/html | "Invalid or unacceptable Sec-WebSocket-Extensions header"`],
  },
  {
    why: 'refusals of HTTP have an empty body; the text is the package `ws`\'s',
    where: ['an offer that breaks the grammar'],
    ours: [`${app}: 400 | ${cors} | vary: Origin | ""`],
    node: [`${app}: 400 | content-type: text/html | "Invalid or unacceptable Sec-WebSocket-Extensions header"`],
  },
  {
    why: 'the same',
    where: ['a WebSocket without a key'],
    ours: [`${upgrade}: 400 | ""`],
    node: [`${upgrade}: 400 | content-type: text/html | "Missing or invalid Sec-WebSocket-Key header"`],
  },
  {
    why: 'the same',
    where: ['a WebSocket with a wrong key'],
    ours: times(4, `${upgrade}: 400 | ""`),
    node: times(4, `${upgrade}: 400 | content-type: text/html | "Missing or invalid Sec-WebSocket-Key header"`),
  },
  ...[['a WebSocket of another version', 4], ['a WebSocket without a version', 1]].map(([where, count]) => ({
    why: 'another version is answered 426 (RFC 6455, 4.4)',
    where: [where],
    ours: times(count, `${upgrade}: 426 | sec-websocket-version: 13 | upgrade: websocket | ""`),
    node: times(count, `${upgrade}: 400 | content-type: text/html | sec-websocket-version: 13, 8 | "Missing or invalid Sec-WebSocket-Version header"`),
  })),
  {
    why: 'version 8 is a draft of 2011 that no client speaks',
    where: ['a WebSocket of version 8'],
    ours: [`${upgrade}: 426 | sec-websocket-version: 13 | upgrade: websocket | ""`],
    node: [`${upgrade}: 101 | ${accepted} | upgrade: websocket | ""`],
  },
  {
    why: 'refused before the WebSocket is accepted; Node accepts it and writes the refusal of HTTP into it',
    where: ['revision 3 where it is not allowed'],
    ours: [`GET /socket.io/?EIO=3&transport=websocket: 400 | ${cors} | content-type: text/html | vary: Origin | "Unsupported protocol version"`],
    node: [`GET /socket.io/?EIO=3&transport=websocket: 101 | ${cors} | ${accepted} | upgrade: websocket | vary: Origin | ""`],
  },
  // ---- sessions ----
  {
    why: 'the POST that ends a session by a packet that is none is told so (bad-input.md)',
    where: ['', 'x', '7', '4a\x1e7', '2', 'ä', '\x1e', '4a\x1e'].map((body) => `no payload: ${JSON.stringify(body)}`),
    ours: ['answer: 400 | ""'],
    node: [ok],
  },
  {
    why: 'base64 with characters of no meaning, or of an impossible length, ends the session; Node skips what it does not know',
    where: ['b!', 'bQ'].map((body) => `no payload: ${JSON.stringify(body)}`),
    ours: ['answer: 400 | ""', gone],
    node: [ok, poll('b')],
  },
  {
    why: 'a session that has lost a message ends; in Node it goes on without it',
    where: ['a body over the limit'],
    ours: [gone],
    node: [poll('2')],
  },
  {
    why: 'a field for the filter of Internet Explorer, which is gone',
    where: ['polling with an old browser'],
    ours: ['open: 200 | cache-control: no-store | content-type: text/plain; charset=UTF-8 | set-cookie: io=<id1>; Path=/; HttpOnly; SameSite=Lax | "0{\\"sid\\":\\"<id1>\\",\\"upgrades\\":[\\"websocket\\"],\\"pingInterval\\":1500,\\"pingTimeout\\":5000,\\"maxPayload\\":1000000}"', ok, poll('4a')],
    node: ['open: 200 | cache-control: no-store | content-type: text/plain; charset=UTF-8 | set-cookie: io=<id1>; Path=/; HttpOnly; SameSite=Lax | x-xss-protection: 0 | "0{\\"sid\\":\\"<id1>\\",\\"upgrades\\":[\\"websocket\\"],\\"pingInterval\\":1500,\\"pingTimeout\\":5000,\\"maxPayload\\":1000000}"',
      ok.replace(' | "ok"', ' | x-xss-protection: 0 | "ok"'), poll('4a').replace(' | "4a"', ' | x-xss-protection: 0 | "4a"')],
  },
  {
    why: 'a close packet closes the session over WebSocket too (decisions/engineio-departures.md)',
    where: ['a frame with a close packet'],
    ours: ['closed: 1005 '],
    node: ['got: "4a"'],
  },
  {
    why: 'a close frame is answered with its code and without its reason',
    where: ['a close frame'],
    ours: ['closed: 4001 '],
    node: ['closed: 4001 why'],
  },
  // ---- packets ----
  {
    why: 'a namespace is compared as text; Node percent-encodes the name first, so that clients of revision 3 never reach such a one',
    where: overAll('refusals', old),
    ours: ['"44/\\u00e4,{\\"message\\":\\"Invalid namespace\\"}"'],
    node: ['"44/%C3%A4,{\\"message\\":\\"Invalid namespace\\"}"'],
  },
  {
    why: 'the keys of a msgpack map may come in another order',
    where: overAll('refusals', msgpack),
    ours: unknown.map((nsp) => packed({ type: 4, data: { message: 'Invalid namespace' }, nsp })),
    node: unknown.map((nsp) => packed({ type: 4, nsp, data: { message: 'Invalid namespace' } })),
  },
  {
    why: 'the same',
    where: overAll('questions to all', msgpack),
    ours: [['echo', 1, 'a'], ['nobody', 1], ['bytes']].map((data) => JSON.stringify({ type: 2, data, nsp: '<child>', keys: ['type', 'data', 'id', 'nsp'] })),
    node: [['echo', 1, 'a'], ['nobody', 1], ['bytes']].map((data) => JSON.stringify({ type: 2, data, nsp: '<child>', keys: ['type', 'data', 'nsp', 'id'] })),
  },
  {
    why: 'the names that clients may not send are the same with every parser; Node looks for them in its own only, and hands them to the app',
    where: overAll('a reserved event', msgpack),
    ours: ['closed'],
    node: [packed({ id: 99, type: 3, data: ['settled'], nsp: '/' })],
  },
  {
    why: 'a server by itself has no other servers to wait for; Node without a cluster adapter warns and never answers',
    where: overAll('questions to other servers', others),
    ours: ['"43<child>,7[{\\"ok\\":true,\\"responses\\":[]}]"'],
    node: [],
  },
  {
    why: 'the same',
    where: overAll('questions to other servers', msgpack),
    ours: [packed({ id: 7, type: 3, data: [{ ok: true, responses: [] }], nsp: '/dyn-1000' }).replace('/dyn-1000', '<child>')],
    node: [],
  },
  {
    why: 'attachments that are passed on stay shared',
    where: webSockets('451-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}] <7879>'),
    ours: ['"451-[\\"message-back\\",{\\"_placeholder\\":true,\\"num\\":0},{\\"_placeholder\\":true,\\"num\\":0}]"'],
    node: ['"452-[\\"message-back\\",{\\"_placeholder\\":true,\\"num\\":0},{\\"_placeholder\\":true,\\"num\\":1}]"', '<7879>'],
  },
  { why: verbatim, where: webSockets('42["message",1e400]'), ...relayed('1e400', 'null') },
  { why: verbatim, where: webSockets('42["message",-0,1.0,1E2,0.10]'), ...relayed('-0,1.0,1E2,0.10', '0,1,100,0.1') },
  {
    why: verbatim,
    where: webSockets('42["message","\\u0041\\ud83d\\ude00\\ud800"]'),
    ...relayed('\\"\\\\u0041\\\\ud83d\\\\ude00\\\\ud800\\"', '\\"A\\ud83d\\ude00\\\\ud800\\"'),
  },
  { why: verbatim, where: webSockets('42["message", 1 , {"b" : 2, "a":[ ] }]'), ...relayed('1 , {\\"b\\" : 2, \\"a\\":[ ] }', '1,{\\"b\\":2,\\"a\\":[]}') },
  { why: verbatim, where: webSockets('42["message",{"a":1,"a":2}]'), ...relayed('{\\"a\\":1,\\"a\\":2}', '{\\"a\\":2}') },
  { why: verbatim, where: webSockets('42["message",{"2":1,"1":2,"b":3,"a":4}]'), ...relayed('{\\"2\\":1,\\"1\\":2,\\"b\\":3,\\"a\\":4}', '{\\"1\\":2,\\"2\\":1,\\"b\\":3,\\"a\\":4}') },
  { why: verbatim, where: webSockets('42["message",123456789012345678901234567890]'), ...relayed('123456789012345678901234567890', '1.2345678901234568e+29') },
];

const code = (line) => `\`${line.replaceAll('|', '\\|').replaceAll('`', "'")}\``;
const lines = (list) => (list.length ? list.slice(0, 4).map(code).join('<br>') + (list.length > 4 ? '<br>...' : '') : '-');

/** docs/node-differences.md */
export function page() {
  const rows = [];
  const reasons = new Map();
  let last = '';
  for (const { why, where, ours, node } of differences) {
    last = why === 'the same' ? last : why;
    if (!reasons.has(last)) reasons.set(last, []);
    reasons.get(last).push({ where, ours, node });
  }
  for (const [why, list] of reasons) {
    const names = list.flatMap(({ where }) => where);
    const { ours, node } = list[0];
    const linked = why.replace(/\(([\w/-]+\.md)\)/g, '([$1]($1))');
    rows.push(`| ${linked} | ${names.slice(0, 3).map(code).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''} | ${lines(ours)} | ${lines(node)} |`);
  }
  return `# Bytes that are not Node's

\`tests/clients/oracle.test.mjs\` sends the same bytes to the conformance app and to the same app on Socket.IO's own server (socket.io 4.8,
engine.io 6.6), some 480 conversations over every transport, revision and parser, and compares statuses, header fields, bodies and
frames. What differs, and why, is here; whatever else differed would fail that test. This page is written from
\`tests/clients/oracle/differences.mjs\` (\`REWRITE=1\`); do not edit it. Methods and options: [parity.md](parity.md).

Not compared: ids that a server makes up, ids of acks that a server asks for, \`Date\`, how a body is framed (\`Content-Length\` or chunks), how
long a connection is kept, when pings come, which volatile events are dropped.

| why | conversations | gossamer | Node |
| --- | --- | --- | --- |
${general.map(({ why, shown }) => `| ${why} | any | - | ${shown} |`).join('\n')}
${rows.join('\n')}
`;
}
