// The chat page: one client of PROTOCOL.md. No framework and no build step; text from others only ever becomes text nodes.
'use strict';

const $ = (id) => document.getElementById(id);
const typingLasts = 3000; // as the server's
const typingAgain = 1500; // while typing goes on, say so this often
const historyMax = 500; // messages kept on the page for one room

const socket = io({ autoConnect: false, reconnectionDelay: 500, reconnectionDelayMax: 4000 });

let me = null; // {id, name} once hello was said
let here = null; // the room on screen
let open = []; // [{room, online}] as the server tells
const rooms = new Map(); // room -> {people, items, last, unread, typing: Map(id -> {name, timer}), draft}

// ---- elements ----

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function hue(name) {
  let sum = 7;
  for (const c of name.toLowerCase()) sum = (sum * 31 + c.codePointAt(0)) % 100003;
  return sum % 360;
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]].map((word) => [...word][0]) : [...(words[0] ?? '')].slice(0, 2);
  return letters.join('').toUpperCase();
}

function face(name, node = element('span')) {
  node.className = 'face';
  node.textContent = initials(name);
  node.style.setProperty('--hue', hue(name));
  node.setAttribute('aria-hidden', 'true');
  return node;
}

const clock = (time) => new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

function dayName(time) {
  const day = new Date(time).toDateString();
  if (day === new Date().toDateString()) return 'Today';
  if (day === new Date(Date.now() - 864e5).toDateString()) return 'Yesterday';
  return new Date(time).toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long' });
}

let toastTimer;
function toast(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('toast').hidden = true; }, 4000);
}

// ---- asking the server ----

/** Emits and resolves with the server's answer; a refusal or silence is an Error with a code. */
function ask(event, ...args) {
  return new Promise((resolve, reject) => {
    socket.timeout(8000).emit(event, ...args, (late, answer) => {
      if (!late && answer?.ok) return resolve(answer);
      const { code = 'no_answer', message = 'the server does not answer' } = answer?.error ?? {};
      reject(Object.assign(new Error(message), { code }));
    });
  });
}

const sentence = (error) => `${error.message[0].toUpperCase()}${error.message.slice(1)}.`;

// ---- rooms and messages ----

function roomOf(name) {
  if (!rooms.has(name)) rooms.set(name, { people: [], items: [], last: 0, unread: 0, typing: new Map(), draft: '' });
  return rooms.get(name);
}

function append(name, item) {
  const room = roomOf(name);
  room.items.push(item);
  if (room.items.length > historyMax) room.items.shift();
  if (item.id) room.last = Math.max(room.last, item.id);
  if (name === here) {
    const stick = atEnd() || item.from?.id === me.id;
    draw(item, room.items[room.items.length - 2], true);
    if (stick) toEnd();
    else $('newer').hidden = false;
  }
  if (!item.note && (name !== here || document.hidden) && item.from.id !== me.id) {
    room.unread++;
    drawRooms();
  }
}

/** What the server remembers of a room, into what the page has: after a gap only the missing part is added. */
function merge(name, answer) {
  const room = roomOf(name);
  room.people = answer.people;
  // a room that died in between begins again at 1
  const newest = answer.history.at(-1)?.id ?? 0;
  if (newest < room.last) { room.items = []; room.last = 0; }
  const mine = new Set(room.items.filter((item) => item.state).map((item) => item.text));
  for (const message of answer.history) {
    if (message.id <= room.last) continue;
    if (message.from.name === me.name && mine.has(message.text)) // was sent, but its answer was lost
      room.items = room.items.filter((item) => !(item.state && item.text === message.text));
    room.items.push(message);
    room.last = message.id;
  }
}

async function join(name) {
  const answer = await ask('join', name);
  merge(answer.room.room, answer);
  remember();
  return answer.room.room;
}

async function visit(name) {
  try {
    show(rooms.has(name) ? name : await join(name));
    closePanes();
  } catch (error) {
    toast(sentence(error));
  }
}

function show(name) {
  if (here && rooms.has(here)) roomOf(here).draft = $('text').value;
  stopTyping();
  here = name;
  const room = roomOf(name);
  room.unread = 0;
  $('text').value = room.draft;
  $('text').placeholder = `Message #${name}`;
  grow();
  remember();
  drawAll();
  if (matchMedia('(min-width: 701px)').matches) $('text').focus();
}

async function leave(name) {
  try {
    await ask('leave', name);
  } catch (error) {
    if (error.code !== 'not_in_room') return toast(sentence(error));
  }
  rooms.delete(name);
  if (here === name) here = null;
  const next = here ?? rooms.keys().next().value;
  if (next) show(next);
  else await visit('lobby');
  remember();
}

async function send(name, item) {
  try {
    const { message } = await ask('message', name, item.text);
    Object.assign(item, message, { state: undefined });
    roomOf(name).last = Math.max(roomOf(name).last, message.id);
  } catch (error) {
    item.state = 'failed';
    toast(sentence(error));
  }
  if (name === here) drawLog();
}

function say() {
  const text = $('text').value.trim();
  if (!text || !here) return;
  if (!socket.connected) return toast('Not connected. Your message stays here.');
  const item = { room: here, from: { ...me }, text, time: Date.now(), state: 'pending' };
  $('text').value = '';
  grow();
  lastSign = 0;
  append(here, item);
  send(here, item);
}

// ---- typing ----

let lastSign = 0;
function typed() {
  if (!here || !socket.connected) return;
  if (!$('text').value.trim()) return stopTyping();
  if (Date.now() - lastSign < typingAgain) return;
  lastSign = Date.now();
  ask('typing', here, true).catch(() => {});
}

function stopTyping() {
  if (!lastSign || !here) return;
  lastSign = 0;
  if (socket.connected) ask('typing', here, false).catch(() => {});
}

function theyType(name, person, on) {
  const { typing } = roomOf(name);
  clearTimeout(typing.get(person.id)?.timer);
  typing.delete(person.id);
  // the server tells the end; should that be lost, it ends here
  if (on) typing.set(person.id, { name: person.name, timer: setTimeout(theyType, typingLasts * 4, name, person, false) });
  if (name === here) { drawTyping(); drawPeople(); }
}

function drawTyping() {
  const names = [...roomOf(here).typing.values()].map((one) => one.name);
  const line = $('typing');
  line.replaceChildren();
  if (!names.length) return;
  const dots = element('span', 'dots');
  dots.append(element('i'), element('i'), element('i'));
  const who = names.length === 1 ? `${names[0]} is typing` : names.length === 2 ? `${names[0]} and ${names[1]} are typing` : 'Several people are typing';
  line.append(dots, element('span', '', who));
}

// ---- drawing ----

let stuck = true; // the log shows its end, and goes on doing so when it is resized
const atEnd = () => { const log = $('log'); return log.scrollHeight - log.scrollTop - log.clientHeight < 60; };
function toEnd() { $('log').scrollTop = $('log').scrollHeight; $('newer').hidden = true; stuck = true; }

const onlyEmoji = (text) => [...text].length <= 12 && /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(text) && /\p{Extended_Pictographic}/u.test(text);

function draw(item, previous, fresh = false) {
  const log = $('log');
  log.querySelector('.empty')?.remove();
  if (!previous || new Date(previous.time).toDateString() !== new Date(item.time).toDateString()) log.append(element('div', 'day', dayName(item.time)));
  if (item.note) return log.append(element('div', 'note', item.note));
  const mine = item.from.id === me.id || item.from.name === me.name;
  const next = previous && !previous.note && previous.from.name === item.from.name && item.time - previous.time < 5 * 60e3;
  const line = element('article', ['line', mine && 'mine', next && 'next', item.state, fresh && 'fresh', onlyEmoji(item.text) && 'big'].filter(Boolean).join(' '));
  line.style.setProperty('--hue', hue(item.from.name));
  if (!next) {
    if (!mine) line.append(face(item.from.name));
    const who = element('div', 'who');
    const time = element('time', '', clock(item.time));
    time.dateTime = new Date(item.time).toISOString();
    if (!mine) who.append(element('span', '', item.from.name));
    who.append(time);
    line.append(who);
  }
  const bubble = element('div', 'bubble', item.text);
  bubble.title = new Date(item.time).toLocaleString();
  if (item.state === 'failed') {
    bubble.title = 'Not sent. Press to try again.';
    bubble.tabIndex = 0;
    bubble.onclick = () => { item.state = 'pending'; drawLog(); send(item.room, item); };
    bubble.onkeydown = (event) => { if (event.key === 'Enter') bubble.onclick(); };
  }
  line.append(bubble);
  return log.append(line);
}

function drawLog() {
  const { items } = roomOf(here);
  $('log').replaceChildren();
  if (!items.length) {
    const empty = element('div', 'empty');
    const mark = document.querySelector('.rooms-pane .mark').cloneNode(true);
    mark.classList.remove('small');
    empty.append(mark, element('p', '', `Nothing said in #${here} yet. Say hello!`));
    $('log').append(empty);
  }
  items.forEach((item, i) => draw(item, items[i - 1]));
  toEnd();
}

function roomRow(name, online) {
  const room = rooms.get(name);
  const row = element('li');
  const button = element('button', ['room', name === here && 'here', room?.unread && 'unread'].filter(Boolean).join(' '));
  if (name === here) button.setAttribute('aria-current', 'true');
  button.append(element('span', '', name));
  if (room?.unread) {
    const badge = element('b', '', room.unread > 99 ? '99+' : room.unread);
    badge.setAttribute('aria-label', `${room.unread} unread`);
    button.append(badge);
  } else if (online) {
    const count = element('em', '', online);
    count.title = `${online} online`;
    button.append(count);
  }
  button.onclick = () => visit(name);
  row.append(button);
  return row;
}

function drawRooms() {
  const online = new Map(open.map((one) => [one.room, one.online]));
  $('mine').replaceChildren(...[...rooms.keys()].map((name) => roomRow(name, online.get(name))));
  const others = open.filter((one) => !rooms.has(one.room));
  $('open').replaceChildren(...others.map((one) => roomRow(one.room, one.online)));
  $('open-title').hidden = !others.length;
  const unread = [...rooms.values()].reduce((sum, room) => sum + room.unread, 0);
  $('elsewhere').hidden = !unread;
  document.title = `${unread ? `(${unread}) ` : ''}${here ? `#${here} · ` : ''}gossamer chat`;
}

function drawPeople() {
  const { people, typing } = roomOf(here);
  $('count').textContent = people.length;
  $('people').replaceChildren(...people.map((person) => {
    const row = element('li');
    row.append(face(person.name), element('span', 'name', person.name));
    if (person.id === me.id) row.append(element('small', '', 'you'));
    else if (typing.has(person.id)) row.append(element('small', '', 'typing'));
    return row;
  }));
  $('room-sub').textContent = people.length === 1 ? 'Only you are here' : `${people.length} people online`;
}

function drawAll() {
  $('room-title').textContent = here;
  $('me-name').textContent = me.name;
  face(me.name, $('me-face'));
  drawLog();
  drawTyping();
  drawPeople();
  drawRooms();
}

// ---- connection ----

let returning;
async function enter(name) {
  const before = recall();
  const answer = await ask('hello', name);
  me = answer.me;
  open = answer.rooms;
  for (const room of rooms.values()) {
    for (const one of room.typing.values()) clearTimeout(one.timer);
    room.typing.clear();
  }
  const wanted = rooms.size ? [...rooms.keys()] : before.rooms;
  for (const room of wanted.length ? wanted : ['lobby']) await join(room).catch((error) => toast(sentence(error)));
  if (!rooms.size) await join('lobby');
  state('online');
  const first = [here, before.here, rooms.keys().next().value].find((room) => rooms.has(room));
  $('welcome').hidden = true;
  $('chat').hidden = false;
  if (here === first) drawAll();
  else show(first);
}

function state(word) {
  $('state').dataset.state = word;
  $('state').textContent = word;
  $('offline').hidden = word === 'online';
  document.querySelector('.send').disabled = word !== 'online';
}

async function comeBack() {
  try {
    await enter(me.name);
  } catch (error) {
    if (!socket.connected) return; // the next connect tries again
    if (error.code !== 'name_taken') toast(sentence(error));
    returning = setTimeout(comeBack, 1000);
  }
}

socket.on('connect', () => { if (me) comeBack(); });
socket.on('disconnect', (reason) => {
  clearTimeout(returning);
  state('reconnecting');
  if (reason === 'io server disconnect') socket.connect();
});
socket.on('connect_error', (error) => {
  if (me) return state('reconnecting');
  $('hello-error').textContent = `No connection (${error.message}). Trying again…`;
});

socket.on('rooms', (list) => { open = list; if (me && here) drawRooms(); });
socket.on('message', (message) => {
  if (!rooms.has(message.room) || message.id <= roomOf(message.room).last) return;
  theyType(message.room, message.from, false);
  append(message.room, message);
});
socket.on('person-joined', (name, person) => {
  if (!rooms.has(name)) return;
  const room = roomOf(name);
  room.people = [...room.people.filter((one) => one.id !== person.id), person].sort((a, b) => (a.name < b.name ? -1 : 1));
  append(name, { note: `${person.name} came in`, time: Date.now() });
  if (name === here) drawPeople();
});
socket.on('person-left', (name, person) => {
  if (!rooms.has(name)) return;
  const room = roomOf(name);
  room.people = room.people.filter((one) => one.id !== person.id);
  theyType(name, person, false);
  append(name, { note: `${person.name} left`, time: Date.now() });
  if (name === here) drawPeople();
});
socket.on('person-renamed', (name, person) => {
  if (!rooms.has(name)) return;
  const room = roomOf(name);
  room.people = room.people.map((one) => (one.id === person.id ? person : one));
  if (name === here) drawPeople();
});
socket.on('typing', (name, person, on) => { if (rooms.has(name)) theyType(name, person, on); });

// ---- what the tab remembers ----

function remember() {
  try {
    sessionStorage.setItem('chat', JSON.stringify({ name: me.name, rooms: [...rooms.keys()], here }));
    localStorage.setItem('chat-name', me.name);
  } catch { /* private mode: nothing is remembered */ }
}

function recall() {
  try {
    return { rooms: [], ...JSON.parse(sessionStorage.getItem('chat') ?? '{}') };
  } catch {
    return { rooms: [] };
  }
}

// ---- the user ----

let patience = recall().name ? 15 : 0; // after a reload the old connection may hold the name for a moment
$('hello').onsubmit = async (event) => {
  event?.preventDefault();
  $('hello-error').textContent = '';
  if (!socket.connected) socket.connect();
  try {
    await enter($('name').value);
  } catch (error) {
    if (error.code === 'name_taken' && patience-- > 0) {
      $('hello-error').textContent = 'Coming back…';
      setTimeout($('hello').onsubmit, 1000);
      return;
    }
    patience = 0;
    $('hello-error').textContent = sentence(error);
    $('name').select();
  }
};
$('join').onsubmit = (event) => {
  event.preventDefault();
  const name = $('room-name').value.trim().replace(/^#\s*/, '');
  if (!name) return;
  $('room-name').value = '';
  visit(name);
};
$('say').onsubmit = (event) => { event.preventDefault(); say(); };
$('text').oninput = () => { grow(); typed(); };
$('text').onkeydown = (event) => {
  const phone = matchMedia('(pointer: coarse)').matches;
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || phone) return;
  event.preventDefault();
  say();
};
$('text').onblur = stopTyping;
$('leave').onclick = () => leave(here);
$('newer').onclick = toEnd;
$('log').onscroll = () => { stuck = atEnd(); if (stuck) $('newer').hidden = true; };
new ResizeObserver(() => { if (stuck) toEnd(); }).observe($('log'));

function grow() {
  const text = $('text');
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight}px`;
}

function openPane(id) { $(id).classList.add('shown'); $('veil').hidden = false; }
function closePanes() {
  for (const pane of document.querySelectorAll('.pane')) pane.classList.remove('shown');
  $('veil').hidden = true;
}
$('show-rooms').onclick = () => openPane('rooms-pane');
$('show-people').onclick = () => openPane('people-pane');
$('veil').onclick = closePanes;
for (const button of document.querySelectorAll('[data-close]')) button.onclick = closePanes;
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') closePanes(); });
document.addEventListener('visibilitychange', () => {
  if (document.hidden || !here || !rooms.has(here)) return;
  roomOf(here).unread = 0;
  drawRooms();
});

try { $('name').value = localStorage.getItem('chat-name') ?? ''; } catch { /* no storage */ }
if (recall().name) { // a reload: straight back in
  $('name').value = recall().name;
  $('hello').requestSubmit();
}
