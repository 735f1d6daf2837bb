// Single requests: name -> request, or a list of requests that are sent one after the other. `echo` is the bare Engine.IO
// server, `app` the one with CORS, a cookie and `allowRequest` (profile matrix).
const echo = (query, more) => ({ path: `/engine.io/?${query}`, ...more });
const app = (query, more) => ({ path: `/socket.io/?${query}`, ...more });
const polling = 'EIO=4&transport=polling';
const unknown = 'abcdefghijklmnopqrst';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const upgrade = (more = {}) => ({ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': key, ...more });
const webSocket = (query, more, left) => {
  const headers = upgrade(more);
  for (const name of left ?? []) delete headers[name];
  return echo(query, { headers });
};
const offer = (extensions) => app('EIO=4&transport=websocket', { headers: upgrade({ 'sec-websocket-extensions': extensions }) });

const allowed = 'http://allowed.example';
const preflight = (more, query = polling) => app(query, { method: 'OPTIONS', headers: more });
const asks = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-custom, x-other' };

const methods = (query) => ['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'].map((method) => echo(query, { method }));

export const requests = {
  // ---- handshakes ----
  'a polling handshake': echo(polling),
  'a polling handshake with a cookie': app(polling),
  'a polling handshake of revision 3': app('EIO=3&transport=polling'),
  'a polling handshake in base64': echo('EIO=3&transport=polling&b64=1'),
  'a JSONP handshake': ['EIO=3', 'EIO=4'].map((eio) => echo(`${eio}&transport=polling&j=12`)),
  'a JSONP handshake with an index that is none': ['j=', 'j=x', 'j=1x2', 'j=%3C'].map((j) => echo(`EIO=3&transport=polling&${j}`)),
  'a handshake without a revision': ['transport=polling', 'EIO=&transport=polling', 'EIO&transport=polling'].map((query) => echo(query)),
  'a handshake of another revision': ['2', '5', '04', '4.0', ' 4', '+4', 'x'].map((eio) => echo(`EIO=${encodeURIComponent(eio)}&transport=polling`)),
  'a handshake of a revision twice': echo('EIO=4&EIO=4&transport=polling'),
  'a handshake with more parameters': echo(`${polling}&t=abc&x=%E2%82%AC&x=2&=&&`),
  'a handshake without a transport': ['EIO=4', 'EIO=4&transport=', 'EIO=4&transport', ''].map((query) => echo(query)),
  'a handshake over an unknown transport': ['flashsocket', 'webtransport', 'POLLING', '__proto__', 'constructor', 'polling%20', '%70olling']
    .map((name) => echo(`EIO=4&transport=${name}`)),
  'a handshake of another method': methods(polling),
  'transport=websocket without an upgrade': [echo('EIO=4&transport=websocket'), app('EIO=4&transport=websocket'), echo('EIO=3&transport=websocket')],
  // ---- sessions that are not there ----
  'an unknown session': [unknown, 'x', '%00', '__proto__', `${unknown}${unknown}`, 'a'.repeat(200), '%E2%82%AC'].map((sid) => echo(`${polling}&sid=${sid}`)),
  'an unknown session, by other methods': methods(`${polling}&sid=${unknown}`),
  'an empty session id is none': echo(`${polling}&sid=`),
  // ---- the application's refusal ----
  'a refusal by the application': ['no', '', '%22%5C%3Cb%3E', '%E2%82%AC', '%0A'].map((text) => app(`${polling}&deny=${text}`)),
  'a refusal of JSONP': app(`${polling}&j=0&deny=no`),
  'a refusal of a WebSocket': ['no', '', '%3Cb%3E'].map((text) => app(`EIO=4&transport=websocket&deny=${text}`, { headers: upgrade() })),
  // ---- CORS ----
  'an origin that is allowed': app(polling, { headers: { origin: allowed } }),
  'an origin that is not': app(polling, { headers: { origin: 'http://other.example' } }),
  'an origin, refused': app(`${polling}&sid=${unknown}`, { headers: { origin: allowed } }),
  'an origin, an unknown transport': app('EIO=4', { headers: { origin: allowed } }),
  'an origin, refused by the application': app(`${polling}&deny=no`, { headers: { origin: allowed } }),
  'an origin over WebSocket': app('EIO=4&transport=websocket', { headers: upgrade({ origin: allowed }) }),
  'a preflight': [{ origin: allowed, ...asks }, { origin: 'http://other.example', ...asks }, { origin: allowed }, {}].map((more) => preflight(more)),
  'a preflight of anything': ['', 'transport=none', `${polling}&sid=${unknown}`, `${polling}&deny=no`].map((query) => preflight({ origin: allowed, ...asks }, query)),
  'a preflight below the path': { path: '/socket.io/some/where', method: 'OPTIONS', headers: { origin: allowed } },
  'no CORS where none is set': [echo(polling, { headers: { origin: allowed } }), echo(polling, { method: 'OPTIONS', headers: { origin: allowed } })],
  // ---- paths ----
  'paths': ['/engine.io', '/engine.io?EIO=4', '/engine.iox/', '/ENGINE.IO/', '/', '/favicon.ico', '/socket.io.js'].map((path) => ({ path })),
  'paths below': ['/engine.io/x', '/engine.io//', '/engine.io/x/y.js'].map((path) => ({ path: `${path}?${polling}` })),
  // ---- upgrades ----
  'a WebSocket': [webSocket('EIO=4&transport=websocket'), webSocket('EIO=3&transport=websocket'), app('EIO=4&transport=websocket', { headers: upgrade() })],
  'an offer of deflate': offer('permessage-deflate'),
  'an offer of deflate with windows': offer('permessage-deflate; client_max_window_bits'),
  'an offer of deflate without context': offer('permessage-deflate; server_no_context_takeover; client_no_context_takeover'),
  'an offer of a small window': offer('permessage-deflate; server_max_window_bits=10'),
  'an offer of something unknown': offer('x-webkit-deflate-frame'),
  'an offer of an impossible window': offer('permessage-deflate; server_max_window_bits=99'),
  'an offer that breaks the grammar': offer('permessage-deflate; =1'),
  'an offer of deflate to the bare engine': webSocket('EIO=4&transport=websocket', { 'sec-websocket-extensions': 'permessage-deflate' }),
  'a WebSocket without a key': webSocket('EIO=4&transport=websocket', {}, ['sec-websocket-key']),
  'a WebSocket with a wrong key': ['x', `${key}=`, key.slice(0, -2), ''].map((wrong) => webSocket('EIO=4&transport=websocket', { 'sec-websocket-key': wrong })),
  'a WebSocket of another version': ['12', '7', 'x', '0'].map((v) => webSocket('EIO=4&transport=websocket', { 'sec-websocket-version': v })),
  'a WebSocket of version 8': webSocket('EIO=4&transport=websocket', { 'sec-websocket-version': '8' }),
  'a WebSocket without a version': webSocket('EIO=4&transport=websocket', {}, ['sec-websocket-version']),
  'a WebSocket over polling': webSocket('EIO=4&transport=polling'),
  'a WebSocket over an unknown transport': [webSocket('EIO=4&transport=none'), webSocket('EIO=4'), webSocket('EIO=4&transport=webtransport')],
  'a WebSocket of another revision': [webSocket('EIO=5&transport=websocket'), webSocket('transport=websocket')],
  'a WebSocket of an unknown session': [unknown, 'x', '__proto__'].map((sid) => webSocket(`EIO=4&transport=websocket&sid=${sid}`)),
  // ---- msgpack's port speaks revision 4 alone ----
  'revision 3 where it is not allowed': [
    app('EIO=3&transport=polling', { offset: 1 }), app('transport=polling', { offset: 1 }),
    app('EIO=3&transport=websocket', { offset: 1, headers: upgrade() }),
  ],
  'revision 4 where 3 is not allowed': app(polling, { offset: 1 }),
};
