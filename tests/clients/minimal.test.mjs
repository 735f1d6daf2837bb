// The minimal example (MINIMAL_BIN): greeting, rooms, ack, and what it answers to arguments that do not fit.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { releases } from './lib/deps.mjs';
import { event, startProgram, within } from './lib/server.mjs';

let server;
before(async () => {
  if (!process.env.MINIMAL_BIN) throw new Error('set MINIMAL_BIN to the program of examples/minimal');
  server = await startProgram([process.env.MINIMAL_BIN], { PORT: '0' });
});
after(() => server?.stop());

const ask = (socket, ...args) =>
  within(5000, new Promise((resolve) => { socket.emit(...args, resolve); }), `answer to ${args[0]}`);

for (const { name, io } of releases) {
  describe(`minimal example, client ${name}`, () => {
    const open = [];
    after(() => { for (const socket of open) socket.disconnect(); });
    async function connect() {
      const socket = io(server.url, { forceNew: true, reconnection: false });
      open.push(socket);
      const [greeting] = await event(socket, 'welcome');
      assert.equal(greeting, `hello ${socket.id}`);
      return socket;
    }

    it('passes on what is said in a room to the others in it', async () => {
      const [a, b, c] = [await connect(), await connect(), await connect()];
      const heard = [];
      for (const socket of [a, b, c]) socket.on('said', (text) => heard.push([socket.id, text]));
      for (const [socket, room] of [[a, 'tea'], [b, 'tea'], [c, 'coffee']]) socket.emit('join', room);
      for (const socket of [a, b, c]) await ask(socket, 'say', 'nowhere', 'x'); // has joined by now
      const said = event(b, 'said');
      assert.equal(await ask(a, 'say', 'tea', 'one lump or two?'), 'said in tea');
      await said;
      for (const socket of [a, c]) await ask(socket, 'say', 'nowhere', 'x'); // would have heard by now
      assert.deepEqual(heard, [[b.id, 'one lump or two?']]);
    });

    it('says what is wrong with arguments', async () => {
      const socket = await connect();
      const { error } = await ask(socket, 'say', 1, 2);
      assert.equal(error.code, 'bad_arguments');
      assert.match(error.message, /^say\[0\]: expected string/);
    });
  });
}
