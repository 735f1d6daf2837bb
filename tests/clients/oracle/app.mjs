// The application of examples/conformance on Socket.IO's own server: what gossamer's bytes are compared with.
// PORT, HOST, PROFILE, INSTANCE and RECOVERY_* mean the same; Redis and clusters are not here. Prints READY; SIGTERM ends it.
import http from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import msgpack from 'socket.io-msgpack-parser';
import { Server } from 'socket.io';

const require = createRequire(import.meta.url);
const { Server: Engine } = createRequire(require.resolve('socket.io'))('engine.io');

const { HOST: host = '127.0.0.1', PROFILE: profile = 'matrix', INSTANCE: instance = 'A' } = process.env;
const first = Number(process.env.PORT ?? 3000);

const denied = (request, decide) => {
  const text = new URL(request.url, 'http://localhost').searchParams.get('deny');
  decide(text || undefined, text === null);
};
const profiles = {
  conformance: { pingInterval: 300, pingTimeout: 200, connectTimeout: 1000, cors: { origin: '*' } },
  matrix: {
    pingInterval: 1500, pingTimeout: 5000, connectTimeout: 1500, allowEIO3: true,
    cookie: { name: 'io', path: '/', httpOnly: true, sameSite: 'lax' },
    cors: { origin: 'http://allowed.example', credentials: true, methods: ['GET', 'POST'], allowedHeaders: ['x-custom', 'content-type'], maxAge: 600 },
    perMessageDeflate: { threshold: 1024 }, httpCompression: { threshold: 1024 }, allowRequest: denied,
  },
};
const settings = { maxHttpBufferSize: 1_000_000, upgradeTimeout: 10_000, serveClient: false, ...profiles[profile] };

const asList = (value) => (value === undefined || value === null ? [] : [value].flat());
const noAck = () => {};

/** The events of one socket: name -> (arguments without the ack, ack). */
function eventsOf({ io, name, reasons, log }, socket) {
  const all = socket.nsp;
  const rooms = (of) => [...of.rooms].filter((room) => room !== of.id).sort();
  const chosen = (o = {}) => {
    let to = o.from === 'socket' ? socket.broadcast : all;
    asList(o.to).forEach((room) => { to = to.to(room); });
    asList(o.except).forEach((room) => { to = to.except(room); });
    for (const flag of ['volatile', 'local']) if (o[flag]) to = to[flag];
    return o.timeout ? to.timeout(o.timeout) : to;
  };
  const measure = (value) => {
    if (typeof value === 'string') return { type: 'string', length: value.length };
    return Buffer.isBuffer(value) ? { type: 'binary', length: value.length } : { type: 'other', length: -1 };
  };
  const field = (header) => socket.handshake.headers[header] ?? null;
  const summary = (one) => ({ id: one.id, rooms: rooms(one), data: one.data });

  return {
    message: (args, ack) => socket.emit('message-back', ...args, ...(ack === noAck ? [] : [ack])),
    'message-with-ack': (args, ack) => ack(...args),
    'emit-with-ack': (args) => socket.emit('emit-with-ack', ...args, (...reply) => socket.emit('emit-with-ack', ...reply)),
    size: ([value], ack) => ack(measure(value)),
    'never-ack': () => {},
    'ack-twice': (_, ack) => { ack(1); ack(2); },
    whoami: (_, ack) => ack({
      id: socket.id, nsp: all.name, rooms: rooms(socket), transport: socket.conn.transport.name, eio: socket.conn.protocol,
      recovered: socket.recovered === true, instance, app: name,
    }),
    handshake: ([names], ack) => ack({
      auth: socket.handshake.auth, query: socket.handshake.query,
      headers: Object.fromEntries(asList(names).map((header) => [header, field(header)])),
      xdomain: socket.handshake.xdomain, secure: socket.handshake.secure,
    }),
    join: async ([names], ack) => { await socket.join(asList(names)); ack(rooms(socket)); },
    leave: async ([names], ack) => { for (const room of asList(names)) await socket.leave(room); ack(rooms(socket)); },
    'set-data': ([more], ack) => ack(Object.assign(socket.data, more)),
    'op-emit': ([o, event, values], ack) => { chosen(o).emit(event, ...asList(values)); ack(true); },
    'op-emit-ack': ([o, event, values], ack) => chosen({ timeout: 500, ...o })
      .emit(event, ...asList(values), (error, responses) => ack({ ok: !error, responses })),
    'op-fetch': async ([o], ack) => {
      const found = (await chosen(o).fetchSockets()).map(summary);
      ack(found.sort((a, b) => (a.id < b.id ? -1 : 1)));
    },
    'op-join': ([o, names], ack) => { chosen(o).socketsJoin(asList(names)); ack(true); },
    'op-leave': ([o, names], ack) => { chosen(o).socketsLeave(asList(names)); ack(true); },
    'op-disconnect': ([o, close], ack) => { chosen(o).disconnectSockets(close); ack(true); },
    ask: ([ms, event, values], ack) => socket.timeout(ms).emit(event, ...asList(values), (error, ...args) =>
      ack(error ? { ok: false, error: error.message } : { ok: true, args })),
    'ask-many': async ([count], ack) => {
      const asked = Array.from({ length: count }, (_, i) => socket.timeout(4000).emitWithAck('question', i));
      ack((await Promise.all(asked)).reduce((sum, one) => sum + one, 0));
    },
    flood: ([count], ack) => { for (let i = 0; i < count; i++) socket.emit('flood-item', i); ack(count); },
    'volatile-burst': ([count]) => {
      for (let i = 0; i < count; i++) socket.volatile.emit('vol', i);
      socket.emit('vol-end', count);
    },
    big: ([size, kind]) => socket.emit('big-back', kind === 'binary' ? Buffer.alloc(size, 0xab) : 'x'.repeat(size)),
    'make-binary': ([size]) => {
      const content = Buffer.from(Array.from({ length: size }, (_, i) => i & 255));
      socket.emit('binary-back', { a: [content, 'text'], b: { c: Buffer.alloc(0), d: null } }, Buffer.from([1, 2, 3]));
    },
    bye: ([close]) => socket.disconnect(close === true),
    drop: () => socket.conn.close(),
    'reason-of': async ([tag], ack) => {
      const key = `${all.name} ${tag}`;
      for (let tries = 0; tries < 100 && !reasons.has(key); tries++) await delay(50);
      ack(reasons.get(key) ?? null);
    },
    stats: (_, ack) => ack({ engine: io.engine.clientsCount, sockets: all.sockets.size, rooms: all.adapter.rooms.size }),
    sse: ([event, values, wanted], ack) => {
      if (wanted) return all.serverSideEmit(event, ...asList(values), (error, responses) => ack({ ok: !error, responses }));
      all.serverSideEmit(event, ...asList(values));
      return ack({ ok: true });
    },
    'sse-log': (_, ack) => ack(log),
  };
}

function connected(app, socket, more = {}) {
  const tag = socket.handshake.auth.tag ?? socket.handshake.query.tag;
  socket.emit('auth', socket.handshake.auth);
  socket.use(([event], next) => next(event === 'blocked' ? new Error('blocked event') : undefined));
  socket.on('error', (error) => socket.emit('mw-error', error.message));
  for (const [event, handle] of Object.entries({ ...eventsOf(app, socket), ...more })) {
    socket.on(event, (...args) => {
      const ack = typeof args.at(-1) === 'function' ? args.pop() : noAck;
      return handle(args, ack);
    });
  }
  socket.on('disconnect', (reason) => { if (tag) app.reasons.set(`${socket.nsp.name} ${tag}`, reason); });
}

function install(io, name) {
  const app = { io, name, reasons: new Map(), log: [] };
  const open = (nsp, more) => {
    nsp.on('connection', (socket) => connected(app, socket, more));
    nsp.on('sse-ping', (...args) => {
      const ack = typeof args.at(-1) === 'function' ? args.pop() : noAck;
      app.log.push(['sse-ping', ...args]);
      ack(`${instance}:pong:${args[0]}`);
    });
    return nsp;
  };
  open(io.of('/'));
  open(io.of('/custom'));
  open(io.of('/auth')).use(async (socket, next) => {
    const { token = null } = socket.handshake.auth;
    await delay(20);
    if (token === 'secret') return next();
    return next(Object.assign(new Error('not authorized'), { data: { code: 'E_AUTH', retry: false, token } }));
  });
  const parent = io.of(/^\/dyn-\d+$/);
  open(parent, { 'parent-emit': ([event, values], ack) => { parent.emit(event, ...asList(values)); ack(true); } });
}

function echo(server, options) {
  const engine = new Engine({ ...options, cors: undefined });
  engine.on('connection', (session) => session.on('message', (message) => session.send(message)));
  engine.attach(server, { path: '/engine.io', destroyUpgrade: false });
}

const listening = [];
function serve(offset, name, more, withEcho) {
  const server = http.createServer((_, answer) => answer.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not Found'));
  const options = { ...settings, ...more };
  install(new Server(server, options), name);
  if (withEcho) echo(server, options);
  listening.push(new Promise((resolve, reject) => { server.once('error', reject).listen(first + offset, host, resolve); }));
}

serve(0, 'default', {}, true);
if (profile === 'conformance') {
  serve(1, 'default', { allowEIO3: true }, true);
} else {
  serve(1, 'msgpack', { allowEIO3: false, parser: msgpack }, false);
  const { RECOVERY_MS: away = '3000', RECOVERY_SKIP: skip = '1', RECOVERY_PARSER: parser } = process.env;
  const connectionStateRecovery = { maxDisconnectionDuration: Number(away), skipMiddlewares: skip === '1' };
  serve(2, 'recovery', { connectionStateRecovery, ...(parser === 'msgpack' && { parser: msgpack }) }, false);
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
await Promise.all(listening);
console.log('READY');
