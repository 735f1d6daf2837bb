// Writes msgpack.txt: packets as socket.io-msgpack-parser 3 and notepack.io 2.2 see them.
//
//     npm ci --prefix tests/clients && node tests/unit/socketio/golden/msgpack.mjs > tests/unit/socketio/golden/msgpack.txt
//
// A line per case, fields separated by tabs:
//
//     ok   NAME  MESSAGE  DATA  ECHO   a message; its data as JSON; the same packet as a server sends it
//     bad  NAME  MESSAGE               a message that the parser refuses
//
// MESSAGE and ECHO are hexadecimal; sizes over 65535 are left to msgpack_test.cpp. In DATA binaries are placeholders, and what JSON lacks is null.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../clients/package.json', import.meta.url));
const { Encoder, Decoder } = require('socket.io-msgpack-parser');
const encoder = new Encoder();

const hex = (message) => Buffer.from(message).toString('hex');
const encode = (packet) => Buffer.from(encoder.encode(packet)[0]);

function decode(message) {
  const decoder = new Decoder();
  let packet;
  decoder.on('decoded', (found) => { packet = found; });
  decoder.add(message);
  return packet;
}

/** JSON text of a value: integers in full, binaries as placeholders in order. */
function view(value, binaries) {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'null';
    return Number.isInteger(value) ? BigInt(value).toString() : String(value);
  }
  if (value instanceof Date) return JSON.stringify(value);
  if (Buffer.isBuffer(value) || value instanceof ArrayBuffer) {
    return `{"_placeholder":true,"num":${binaries.count++}}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => view(item, binaries)).join()}]`;
  if (typeof value === 'object') {
    return `{${Object.keys(value).map((key) => `${JSON.stringify(key)}:${view(value[key], binaries)}`).join()}}`;
  }
  return JSON.stringify(value);
}

/** The packet with its keys in the order in which a server makes them. */
function asServer({ type, data, id, nsp }) {
  const packet = {};
  if (type === 3 && id !== undefined) packet.id = id;
  packet.type = type;
  if (data !== undefined) packet.data = data;
  if (type !== 3 && id !== undefined) packet.id = id;
  packet.nsp = nsp;
  return packet;
}

function ok(name, message) {
  const packet = decode(message);
  const data = packet.data === undefined ? '' : view(packet.data, { count: 0 });
  console.log(['ok', name, hex(message), data, hex(encode(asServer(packet)))].join('\t'));
}

function bad(name, message) {
  let refused = false;
  try {
    decode(message);
  } catch {
    refused = true;
  }
  if (!refused) throw new Error(`${name} is not refused`);
  console.log(['bad', name, hex(message)].join('\t'));
}

const sent = (type, data, rest = {}) => encode({ type, data, options: { compress: true }, nsp: '/', ...rest });
const event = (...data) => sent(2, data);
/** An event with these bytes as its only argument. */
const raw = (...bytes) =>
  Buffer.concat([Buffer.from([0x83, 0xa4]), Buffer.from('type'), Buffer.from([2, 0xa4]), Buffer.from('data'),
    Buffer.from([0x92, 0xa1]), Buffer.from('e'), Buffer.from(bytes.flat()), Buffer.from([0xa3]), Buffer.from('nsp'),
    Buffer.from([0xa1]), Buffer.from('/')]);
const zeros = (count) => new Array(count).fill(0);

// -- packets ----------------------------------------------------------------------------------------

ok('connect', encode({ type: 0, nsp: '/' }));
ok('connect, data undefined', encode({ type: 0, data: undefined, nsp: '/' }));
ok('connect with auth', sent(0, { token: 'secret', deep: [1, { a: null }] }));
ok('connect with a binary', sent(0, { key: Buffer.from([1, 2]) }));
ok('disconnect', encode({ type: 1, nsp: '/custom' }));
ok('event', event('message', 1, '2', { 3: [false] }));
ok('event without a name', sent(2, []));
ok('event named by a number', sent(2, [12, 'a']));
ok('event with id', sent(2, ['a'], { id: 456 }));
ok('event with negative id', sent(2, ['a'], { id: -5 }));
ok('event with large id', sent(2, ['a'], { id: 2 ** 52 }));
ok('id undefined', sent(2, ['a'], { id: undefined }));
ok('ack', sent(3, [1, { ok: true }], { id: 7 }));
ok('ack without id', sent(3, [null]));
ok('connect error', sent(4, { message: 'no', data: [1] }));
ok('connect error with text', sent(4, 'no'));
ok('namespace of many letters', encode({ type: 0, nsp: `/${'é'.repeat(40)}` }));
ok('type as float', Buffer.from(hex(event('a')).replace('a47479706502', 'a474797065cb4000000000000000'), 'hex'));
ok('members twice', Buffer.concat([Buffer.from([0x85]), ...[['type', 0], ['data', [{ x: 1 }, Buffer.from([9])]], ['nsp', '/'],
  ['type', 2], ['data', ['last', Buffer.from([8])]]].flat().map(encode)]));

// -- values -----------------------------------------------------------------------------------------

for (const [name, value] of Object.entries({
  null: null, undefined: undefined, true: true, false: false, empty: '', 'no members': {}, 'no items': [],
  'undefined in a list': [undefined, 1, undefined], 'undefined member': { a: undefined, b: 1 },
  date: new Date(1606078419123), 'date before 1970': new Date(-1), 'first date': new Date(-8.64e15),
  'last date': new Date(8.64e15), 'year 10000': new Date(253402300800000), 'year 0': new Date(-62167219200000),
  'leap day': new Date(951782400000), 'no date': new Date(NaN),
  buffer: Buffer.from([1, 2, 3]), 'empty buffer': Buffer.alloc(0), 'array buffer': new Uint8Array([1, 2, 3]).buffer,
  'empty array buffer': new ArrayBuffer(0), 'array buffer of 1': new ArrayBuffer(1), 'array buffer of 8': new ArrayBuffer(8),
  'array buffer of 16': new ArrayBuffer(16), 'array buffer of 300': new ArrayBuffer(300),
  'typed array': new Float64Array([1.5]),
  'buffer of 255': Buffer.alloc(255, 7), 'buffer of 256': Buffer.alloc(256, 7),
  'what looks like a placeholder': [{ _placeholder: true, num: 0 }, Buffer.from([5])],
  'placeholder inside a placeholder': [Buffer.from([1]), { _placeholder: true, num: { _placeholder: true, num: 0 } }],
  'many binaries': Array.from({ length: 40 }, (_, i) => Buffer.from([i])),
  'names to escape': { 'a"\\\n\u0001': 'b"\\\n\u0001', é: '€😀' },
  'integer names': { 1: 'a', 2: 'b' },
})) {
  ok(name, event('e', value));
}
for (const length of [31, 32, 255, 256]) ok(`text of ${length}`, event('e', 'x'.repeat(length)));
for (const length of [15, 16, 300]) ok(`list of ${length}`, event('e', new Array(length).fill(0)));
for (const length of [15, 16, 300]) {
  ok(`object of ${length}`, event('e', Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, 0]))));
}
const numbers = [0, 1, 0.5, -0.5, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308 / 3 + 0.5, NaN, Infinity, -Infinity];
for (const power of [5, 7, 8, 15, 16, 31, 32, 40, 53, 60]) {
  for (const near of power < 53 ? [-1, 0, 1] : [0]) numbers.push(2 ** power + near, -(2 ** power) + near);
}
for (const number of numbers.filter((n) => !Number.isInteger(n) || Math.abs(n) < 2 ** 63)) ok(`number ${number}`, event('e', number));
const nested = (depth) => { let value = 1; for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value }; return value; };
ok('nesting', event('e', nested(500)));

// -- bytes that no JavaScript client sends ------------------------------------------------------------

ok('float 32', raw(0xca, 0x3f, 0xc0, 0, 0));
ok('float 64 that is an integer', raw(0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0));
ok('float 64 minus zero', raw(0xcb, 0x80, zeros(7)));
ok('uint 8 for a small number', raw(0xcc, 5));
ok('uint 64 for a small number', raw(0xcf, zeros(7), 5));
ok('int 64 for a positive number', raw(0xd3, zeros(7), 5));
ok('int 8', raw(0xd0, 0xff));
ok('int 16', raw(0xd1, 0xff, 0xfe));
ok('text with a long length', raw(0xdb, 0, 0, 0, 1, 0x61));
ok('bin with a long length', raw(0xc6, 0, 0, 0, 1, 0x61));
ok('list with a long length', raw(0xdd, 0, 0, 0, 1, 0x61));
ok('map with a long length', raw(0xdf, 0, 0, 0, 1, 0xa1, 0x61, 1));
for (const [name, code, size] of [['fixext 1', 0xd4, 1], ['fixext 2', 0xd5, 2], ['fixext 4', 0xd6, 4], ['fixext 8', 0xd7, 8], ['fixext 16', 0xd8, 16]]) {
  for (const type of [1, 127, 255, 128]) ok(`${name} of type ${type}`, raw(code, type, new Array(size).fill(3)));
  if (size !== 1 && size !== 8) ok(`${name} of type 0`, raw(code, 0, new Array(size).fill(3)));
  for (const [long, head] of [['ext 8', [0xc7, size]], ['ext 16', [0xc8, 0, size]], ['ext 32', [0xc9, 0, 0, 0, size]]]) {
    for (const type of [0, 5]) ok(`${long} of type ${type} and size ${size}`, raw(head, type, new Array(size).fill(3)));
  }
}
ok('ext without bytes', raw(0xc7, 0, 5));
ok('names of other kinds', raw(0x86, 7, 1, 0xff, 1, 0xc0, 2, 0xc2, 3, 0xc4, 1, 0x62, 4, 0xcb, 0x3f, 0xf8, zeros(6), 5));
ok('name undefined', raw(0x81, 0xd4, 0, 0, 1));
ok('prototype', raw(0x82, 0xa9, [...Buffer.from('__proto__')], 0x92, 1, 0x80, 0xa1, 0x61, 1));
ok('text that is no UTF-8', raw(0xa9, 0x61, 0xff, 0xe2, 0x82, 0xc3, 0xf0, 0x9f, 0x98, 0x62));
ok('date out of range', raw(0xd7, 0, 0x7f, zeros(7)));

// -- refused ------------------------------------------------------------------------------------------

bad('nothing', Buffer.alloc(0));
for (const byte of [0xc0, 0xc1, 0x01, 0x80, 0x90, 0xa0, 0xff, 0xdf, 0xdd, 0xc7, 0xd4]) bad(`the byte ${byte.toString(16)}`, Buffer.from([byte]));
bad('no type', encode({ data: ['a'], nsp: '/' }));
for (const type of [5, 6, -1, 1.5, '2', null, NaN, Infinity, undefined, [2], true]) bad(`type ${type}`, encode({ type, data: ['a'], nsp: '/' }));
for (const nsp of [undefined, null, 1, ['/'], Buffer.from('/'), true]) bad(`namespace ${nsp}`, encode({ type: 2, data: ['a'], nsp }));
bad('no namespace', encode({ type: 2, data: ['a'] }));
for (const id of [null, '1', 1.5, NaN, Infinity, [], {}, true]) bad(`id ${id}`, encode({ type: 2, data: ['a'], id, nsp: '/' }));
for (const data of [undefined, null, {}, 'a', 1, true, Buffer.from([1]), new Date(0)]) {
  bad(`event of ${data}`, encode({ type: 2, data, nsp: '/' }));
  bad(`ack of ${data}`, encode({ type: 3, data, nsp: '/' }));
}
for (const data of [null, [], 'a', 1, true, Buffer.from([1]), new Date(0)]) bad(`connect of ${data}`, encode({ type: 0, data, nsp: '/' }));
for (const data of [null, {}, [], 'a', 1]) bad(`disconnect of ${data}`, encode({ type: 1, data, nsp: '/' }));
for (const data of [undefined, null, [], 1, true]) bad(`connect error of ${data}`, encode({ type: 4, data, nsp: '/' }));
bad('a byte too many', Buffer.concat([event('a'), Buffer.from([0])]));
bad('two packets', Buffer.concat([event('a'), event('a')]));
const whole = event('a', { b: Buffer.from([1, 2, 3]) }, 'text', 1.5, new Date(0));
for (let size = 1; size < whole.length; size++) bad(`the first ${size} bytes`, whole.subarray(0, size));
for (const [name, head] of Object.entries({
  'list 16': [0xdc, 0xff, 0xff], 'list 32': [0xdd, 0xff, 0xff, 0xff, 0xff], 'map 16': [0xde, 0xff, 0xff],
  'map 32': [0xdf, 0xff, 0xff, 0xff, 0xff], 'text 8': [0xd9, 0xff], 'text 16': [0xda, 0xff, 0xff],
  'text 32': [0xdb, 0xff, 0xff, 0xff, 0xff], 'bin 8': [0xc4, 0xff], 'bin 16': [0xc5, 0xff, 0xff],
  'bin 32': [0xc6, 0xff, 0xff, 0xff, 0xff], 'ext 8': [0xc7, 0xff, 5], 'ext 16': [0xc8, 0xff, 0xff, 5],
})) {
  bad(`${name} that claims too much`, raw(head));
}
bad('a reserved byte inside', raw(0xc1));

// -- random ones --------------------------------------------------------------------------------------

let state = 20261122;
const random = (below) => {  // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % below;
};
const letters = ['a', 'Z', '"', '\\', '\n', '\u0000', '\u007f', 'é', '€', '😀', ' ', '/', '\u2028'];
const text = () => Array.from({ length: random(40) }, () => letters[random(letters.length)]).join('');
const binary = () => Buffer.from(Array.from({ length: random(20) }, () => random(256)));
function value(depth) {
  switch (random(depth > 3 ? 9 : 12)) {
    case 0: return null;
    case 1: return random(2) === 0;
    case 2: return random(2 ** 32) - 2 ** random(32);
    case 3: return (random(2 ** 32) - 2 ** 31) / 2 ** random(40);
    case 4: return text();
    case 5: return binary();
    case 6: { const bytes = binary(); return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length); }
    case 7: return new Date((random(2 ** 32) - 2 ** 31) * random(5000));
    case 8: return undefined;
    case 9: case 10: return Array.from({ length: random(5) }, () => value(depth + 1));
    default: return Object.fromEntries(Array.from({ length: random(5) }, (_, i) => [`k${i}${text()}`, value(depth + 1)]));
  }
}
for (let i = 0; i < 300; i++) {
  const data = Array.from({ length: random(5) }, () => value(0));
  const rest = random(2) === 0 ? { id: random(2 ** 31) } : {};
  ok(`random ${i}`, random(3) === 0 ? sent(3, data, { id: random(1000) }) : sent(2, [`e${text()}`, ...data], rest));
}
