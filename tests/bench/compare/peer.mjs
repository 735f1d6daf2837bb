// The `load` profile on Node's socket.io with ws, to compare with. Started with PORT; prints READY.
import http from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../clients/', import.meta.url));
let Server;
try {
  ({ Server } = require('socket.io'));
} catch {
  throw new Error('package socket.io is missing, install it with: npm ci --prefix tests/clients');
}

const server = http.createServer();
const io = new Server(server, { serveClient: false });
io.on('connection', (socket) => {
  socket.on('echo', (...args) => socket.emit('echo', ...args));
  socket.on('ping', (...args) => args.pop()(...args));
  socket.on('join', (room, ack) => { socket.join(room); ack?.('ok'); });
  socket.on('leave', (room, ack) => { socket.leave(room); ack?.('ok'); });
  socket.on('broadcast', (...args) => io.emit('broadcast', ...args));
  socket.on('room', (room, ...args) => io.to(room).emit('room', ...args));
});
process.on('SIGUSR2', () => globalThis.gc?.());
process.on('SIGTERM', () => process.exit(0));
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 }, () => console.log('READY'));
