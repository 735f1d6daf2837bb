// examples/custom_actor with a real client: CUSTOM_ACTOR_BIN is the program.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, beforeEach, it } from 'node:test';
import { releases } from './lib/deps.mjs';
import { event, within } from './lib/server.mjs';

let child, ended, url;
before(async () => {
  const program = process.env.CUSTOM_ACTOR_BIN;
  if (!program) throw new Error('set CUSTOM_ACTOR_BIN to the custom_actor program');
  child = spawn(program, { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const listening = new Promise((resolve) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /^listening (http:\S+)/m.exec(output);
      if (found) resolve(found[1]);
    });
  });
  url = await within(30_000, Promise.race([listening, ended]), 'start');
  assert.equal(typeof url, 'string', JSON.stringify(url));
});
after(async () => {
  for (const socket of sockets) socket.disconnect();
  child?.kill('SIGTERM');
  assert.deepEqual(await within(30_000, ended, 'end'), { code: 0, signal: null });
});

const sockets = [];
let a, b;
beforeEach(async () => { [a, b] = [await connect(), await connect()]; });

async function connect() {
  const socket = releases[0].io(url, { forceNew: true, reconnection: false });
  sockets.push(socket);
  socket.heard = [];
  socket.on('said', (line) => socket.heard.push(line));
  await event(socket, 'connect');
  return socket;
}
const ask = (socket, ...args) => within(5000, new Promise((resolve) => { socket.emit(...args, resolve); }), args[0]);
const until = (holds, what) => within(10_000, (async () => {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
})(), what);

it('what a client says goes to the others, and the bot is silent', async () => {
  assert.equal(await ask(a, 'say', 'anybody here?'), true);
  await until(() => b.heard.length === 1, 'the line');
  assert.deepEqual(b.heard, [{ from: a.id, text: 'anybody here?' }]);
  assert.deepEqual(a.heard, []);
});

it('the bot answers everybody, once, when it is spoken to', async () => {
  await ask(a, 'say', 'bot, hello');
  await ask(a, 'say', 'bot, repeat \u{1F600} "twice"');
  await ask(a, 'say', 'bot, dance');
  const answers = ['hello', '\u{1F600} "twice"', "I know 'hello' and 'repeat ...'"].map((text) => ({ from: 'bot', text }));
  await until(() => a.heard.length === 3 && b.heard.length === 6, 'the answers');
  assert.deepEqual(a.heard, answers);
  assert.deepEqual(b.heard.filter((line) => line.from === 'bot'), answers);
});

it('the recorder keeps the last hundred lines, those of the bot too', async () => {
  await ask(a, 'say', 'bot, repeat recorded');
  await until(async () => (await ask(b, 'history')).at(-1)?.text === 'recorded', 'the bot in the history');
  const history = await ask(b, 'history');
  assert.deepEqual(history.slice(-2), [{ from: a.id, text: 'bot, repeat recorded' }, { from: 'bot', text: 'recorded' }]);
  for (let i = 0; i < 120; i++) await ask(a, 'say', `line ${i}`);
  await until(async () => (await ask(a, 'history')).at(-1)?.text === 'line 119', 'the last line');
  assert.deepEqual((await ask(a, 'history')).map((line) => line.text), Array.from({ length: 100 }, (_, i) => `line ${i + 20}`));
});
