// The chat's protocol (examples/chat/PROTOCOL.md) against the gossamer program: GOSSAMER_BIN, or GOSSAMER_CMD for a command line.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { releases } from './lib/deps.mjs';
import { event, startGossamer, unique, within } from './lib/server.mjs';

let server;
before(async () => { server = await startGossamer(); });
after(() => server?.stop());

let sockets;
beforeEach(() => { sockets = []; });
afterEach(() => { for (const socket of sockets) socket.disconnect(); });

async function connect() {
  const socket = releases[0].io(server.url, { transports: ['websocket'], forceNew: true, reconnection: false });
  sockets.push(socket);
  socket.log = [];
  socket.onAny((name, ...args) => { if (name !== 'rooms') socket.log.push([name, ...args]); });
  await event(socket, 'connect');
  return socket;
}
const ask = (socket, ...args) =>
  within(5000, new Promise((resolve) => { socket.emit(...args, resolve); }), `answer to ${args[0]}`);
const good = async (...args) => {
  const answer = await ask(...args);
  assert.equal(answer.ok, true, JSON.stringify(answer));
  return answer;
};
const bad = async (code, message, ...args) => assert.deepEqual(await ask(...args), { ok: false, error: { code, message } });
async function person(name = unique('p'), ...rooms) {
  const socket = await connect();
  socket.me = (await good(socket, 'hello', name)).me;
  for (const room of rooms) await good(socket, 'join', room);
  return socket;
}
/** Takes the next thing this socket was told (but for rooms). */
const told = (socket, ms = 5000) => within(ms, (async () => {
  while (!socket.log.length) await new Promise((resolve) => { socket.onAny(function once() { socket.offAny(once); resolve(); }); });
  return socket.log.shift();
})(), 'something told');
const toldOf = async (socket, name, ms) => {
  for (;;) {
    const heard = await told(socket, ms);
    if (heard[0] === name) return heard.slice(1);
  }
};

describe('hello', () => {
  it('gives a name, trimmed, and the rooms with the lobby', async () => {
    const socket = await connect();
    const name = unique('Ada');
    const answer = await good(socket, 'hello', ` \t${name}\u00a0`);
    assert.deepEqual(answer.me, { id: socket.id, name });
    assert.ok(answer.rooms.some((one) => one.room === 'lobby' && Number.isInteger(one.online)));
    assert.ok(Math.abs(answer.time - Date.now()) < 60_000);
  });

  it('refuses bad names', async () => {
    const socket = await connect();
    const sentence = 'a name has 1 to 24 characters';
    for (const name of ['', '  \t', 'x'.repeat(25), 'a\nb', '\u007f', '\ud800']) await bad('bad_name', sentence, socket, 'hello', name);
    for (const name of [1, null, {}, ['x'], true]) await bad('bad_request', 'bad request', socket, 'hello', name);
    await bad('bad_request', 'bad request', socket, 'hello');
    await good(socket, 'hello', '\u{1F600}'.repeat(24));
  });

  it('keeps a name to one socket, until that is gone', async () => {
    const name = unique('Grace');
    const first = await person(name);
    const second = await connect();
    await bad('name_taken', 'this name is taken', second, 'hello', name.toUpperCase());
    await good(first, 'hello', name);
    first.disconnect();
    await within(5000, (async () => { while (!(await ask(second, 'hello', name)).ok); })(), 'free name');
  });

  it('renames in every room', async () => {
    const room = unique('room');
    const [a, b] = [await person(undefined, room), await person(undefined, room)];
    const name = unique('new');
    await good(b, 'hello', name);
    assert.deepEqual(await toldOf(a, 'person-renamed'), [room, { id: b.id, name }]);
  });

  it('comes before all else', async () => {
    const socket = await connect();
    for (const args of [['join', 'x'], ['leave', 'x'], ['message', 'x', 'y'], ['typing', 'x', true]])
      await bad('no_name', 'say hello first', socket, ...args);
  });
});

describe('rooms', () => {
  it('tell who is there, comes and goes', async () => {
    const room = unique('room');
    const a = await person(unique('b'));
    const b = await person(unique('a'));
    assert.deepEqual(await good(a, 'join', ` ${room} `), { ok: true, room: { room, online: 1 }, people: [a.me], history: [] });
    const answer = await good(b, 'join', room);
    assert.deepEqual(answer.room, { room, online: 2 });
    assert.deepEqual(answer.people, [a.me, b.me].sort((x, y) => (x.name < y.name ? -1 : 1)));
    assert.deepEqual(await told(a), ['person-joined', room, b.me]);
    await good(b, 'join', room); // again: nobody is told
    await good(b, 'leave', room);
    assert.deepEqual(await told(a), ['person-left', room, b.me]);
    await good(b, 'join', room);
    await told(a);
    b.disconnect();
    assert.deepEqual(await told(a), ['person-left', room, b.me]);
  });

  it('are announced to everybody who said hello', async () => {
    const [watcher, a] = [await person(), await person()];
    const room = unique('room');
    const online = (wanted) => within(5000, new Promise((resolve) => {
      watcher.on('rooms', function check(list) {
        if ((list.find((one) => one.room === room)?.online ?? 0) !== wanted) return;
        watcher.off('rooms', check);
        resolve(list);
      });
    }), `rooms with ${wanted}`);
    const first = online(1);
    await good(a, 'join', room);
    const list = await first;
    assert.deepEqual(list, [...list].sort((x, y) => y.online - x.online || (x.room < y.room ? -1 : 1)));
    const gone = online(0);
    await good(a, 'leave', room);
    assert.ok(!(await gone).some((one) => one.room === room), 'an empty room is gone');
  });

  it('are refused by bad names', async () => {
    const a = await person();
    for (const room of ['', ' ', 'x'.repeat(33), 'a\tb']) await bad('bad_room', 'a room has 1 to 32 characters', a, 'join', room);
    await bad('bad_request', 'bad request', a, 'join', 7);
    await bad('not_in_room', 'join the room first', a, 'leave', unique('none'));
  });

  it('are at most 16 for one', async () => {
    const a = await person();
    for (let i = 0; i < 16; i++) await good(a, 'join', unique('many'));
    await bad('too_many_rooms', 'too many rooms', a, 'join', unique('many'));
  });
});

describe('messages', () => {
  it('reach the others, and the sender by ack', async () => {
    const room = unique('room');
    const [a, b, c] = [await person(undefined, room), await person(undefined, room), await person(undefined, unique('other'))];
    const { message } = await good(a, 'message', room, '  two\nlines \u{1F600} ');
    assert.deepEqual({ ...message, time: 0 }, { id: 1, room, from: a.me, text: 'two\nlines \u{1F600}', time: 0 });
    assert.deepEqual(await toldOf(b, 'message'), [message]);
    assert.equal((await good(b, 'message', room, 'x')).message.id, 2);
    await good(c, 'hello', c.me.name);
    assert.ok(!c.log.some(([name]) => name === 'message'));
  });

  it('are remembered, the last 50', async () => {
    const room = unique('room');
    const speakers = [];
    for (let i = 0; i < 3; i++) speakers.push(await person(undefined, room));
    for (let i = 0; i < 60; i++) await good(speakers[i % 3], 'message', room, `text ${i}`);
    const { history } = await good(await person(), 'join', room);
    assert.deepEqual(history.map((one) => [one.id, one.text]), Array.from({ length: 50 }, (_, i) => [i + 11, `text ${i + 10}`]));
  });

  it('are refused when bad', async () => {
    const room = unique('room');
    const a = await person(undefined, room);
    for (const text of ['', ' \n', 'x'.repeat(2001), 'a\u0000', '\udc00']) await bad('bad_text', 'a message has 1 to 2000 characters', a, 'message', room, text);
    await bad('bad_request', 'bad request', a, 'message', room);
    await bad('bad_request', 'bad request', a, 'message', room, 5);
    await bad('not_in_room', 'join the room first', a, 'message', unique('none'), 'x');
    await good(a, 'message', room, '\u{1F600}'.repeat(2000));
  });

  it('are at most 20 within ten seconds', async () => {
    const room = unique('room');
    const a = await person(undefined, room);
    for (let i = 0; i < 20; i++) await good(a, 'message', room, 'x');
    await bad('too_fast', 'too many messages, wait a moment', a, 'message', room, 'x');
  });
});

describe('typing', () => {
  it('is told once, and its end', async () => {
    const room = unique('room');
    const [a, b] = [await person(undefined, room), await person(undefined, room)];
    for (let i = 0; i < 3; i++) await good(b, 'typing', room, true);
    assert.deepEqual(await toldOf(a, 'typing'), [room, b.me, true]);
    await good(b, 'typing', room, false);
    await good(b, 'typing', room, false);
    assert.deepEqual(await told(a), ['typing', room, b.me, false]);
    await good(b, 'typing', room, true);
    assert.deepEqual(await told(a), ['typing', room, b.me, true]);
    await good(b, 'message', room, 'x');
    assert.deepEqual([(await told(a))[0], (await told(a))[0]].sort(), ['message', 'typing']);
    await bad('bad_request', 'bad request', b, 'typing', room, 'yes');
    await bad('not_in_room', 'join the room first', b, 'typing', unique('none'), true);
  });

  it('ends by itself after three seconds', async () => {
    const room = unique('room');
    const [a, b] = [await person(undefined, room), await person(undefined, room)];
    await good(b, 'typing', room, true);
    assert.deepEqual(await toldOf(a, 'typing'), [room, b.me, true]);
    const begin = Date.now();
    assert.deepEqual(await toldOf(a, 'typing', 6000), [room, b.me, false]);
    assert.ok(Date.now() - begin >= 2500);
  });

  it('ends before the person has left', async () => {
    const room = unique('room');
    const [a, b] = [await person(undefined, room), await person(undefined, room)];
    await good(b, 'typing', room, true);
    await toldOf(a, 'typing');
    b.disconnect();
    assert.deepEqual(await told(a), ['typing', room, b.me, false]);
    assert.deepEqual(await told(a), ['person-left', room, b.me]);
  });
});
