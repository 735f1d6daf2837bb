// The example game_loop (GAME_LOOP_BIN): a server in a loop of its own, binary snapshots, input.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { releases } from './lib/deps.mjs';
import { event, startProgram, within } from './lib/server.mjs';

let server;
const open = [];
before(async () => {
  if (!process.env.GAME_LOOP_BIN) throw new Error('set GAME_LOOP_BIN to the program of examples/game_loop');
  server = await startProgram([process.env.GAME_LOOP_BIN], { PORT: '0' });
});
after(() => {
  for (const socket of open) socket.disconnect();
  return server?.stop();
});

async function enter(arena, which = 0, options = {}) {
  const socket = releases[which].io(server.url, { forceNew: true, reconnection: false, ...options });
  open.push(socket);
  socket.states = [];
  socket.on('state', (bytes) => {
    const state = decoded(bytes);
    socket.states.push(state);
    socket.listeners('#state').forEach((listener) => listener(state));
  });
  await event(socket, 'connect');
  socket.player = await within(10_000, new Promise((resolve) => {
    socket.emit('enter', { name: 'player', arena }, resolve);
  }), 'answer to enter');
  return socket;
}

function decoded(bytes) {
  const view = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
  const players = new Map();
  for (let i = 0; i < view.readUInt16LE(4); i++) {
    const at = 6 + 8 * i;
    players.set(view.readUInt32LE(at), [view.readUInt16LE(at + 4), view.readUInt16LE(at + 6)]);
  }
  assert.equal(view.length, 6 + 8 * players.size);
  return { tick: view.readUInt32LE(0), players };
}

const state = (socket, fits, what) => within(10_000, new Promise((resolve) => {
  const look = (one) => {
    if (!fits(one)) return;
    socket.off('#state', look);
    resolve(one);
  };
  socket.on('#state', look);
}), what);

it('sends the state of the arena, tick by tick', async () => {
  const ada = await enter('ticks');
  assert.equal(ada.player.tick, 50);
  await state(ada, () => ada.states.length >= 10, 'ten states');
  const ticks = ada.states.map((one) => one.tick);
  for (let i = 1; i < ticks.length; i++) assert.ok(ticks[i] > ticks[i - 1], `ticks ${ticks}`);
  assert.deepEqual([...ada.states[0].players.keys()], [ada.player.id]);
});

it('ticks 20 times a second', async () => {
  const ada = await enter('pace');
  const first = await state(ada, () => true, 'a state');
  const began = performance.now();
  const last = await state(ada, (one) => one.tick >= first.tick + 40, 'forty ticks later');
  const took = performance.now() - began;
  const expected = 50 * (last.tick - first.tick);
  assert.ok(took >= expected - 150, `${last.tick - first.tick} ticks in ${took} ms are too many`);
});

it('moves a player as its client says, for everybody in the arena', async () => {
  const [ada, bob] = await Promise.all([enter('moves', 0), enter('moves', 1, { transports: ['websocket'] })]);
  const id = ada.player.id;
  const begin = (await state(bob, (one) => one.players.has(id), 'Ada in the arena')).players.get(id);
  ada.emit('input', { x: 1, y: 0 });
  const moved = await state(bob, (one) => one.players.get(id)[0] >= begin[0] + 30, 'Ada moving');
  assert.equal(moved.players.get(id)[1], begin[1]);
  ada.emit('input', { x: 0, y: 0 });
  ada.disconnect();
  await state(bob, (one) => !one.players.has(id), 'Ada gone');
});

it('keeps arenas apart', async () => {
  const [ada, bob] = await Promise.all([enter('east'), enter('west')]);
  const seen = await state(bob, () => bob.states.length >= 3, 'three states');
  assert.ok(!seen.players.has(ada.player.id));
});

it('refuses what does not fit', async () => {
  const ada = await enter('errors');
  const answer = await within(10_000, new Promise((resolve) => { ada.emit('enter', { name: 7 }, resolve); }), 'answer');
  assert.equal(answer.error.code, 'bad_arguments');
});
