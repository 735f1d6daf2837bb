// Bytes that well-behaved clients never send: request heads, WebSocket frames, deflated messages, msgpack.
import { createRequire } from 'node:module';
import zlib from 'node:zlib';

const require = createRequire(import.meta.url);
const notepack = createRequire(require.resolve('socket.io-msgpack-parser'))('notepack.io');

export const pack = (value) => notepack.encode(value);
export const unpack = (bytes) => notepack.decode(bytes);

/** A request head: its first line and its fields, Host included. */
export const head = (line, ...fields) => [`${line} HTTP/1.1`, 'Host: x', ...fields, '', ''].join('\r\n');
/** The same without the Host and with the version in the line. */
export const bare = (line, ...fields) => [line, ...fields, '', ''].join('\r\n');

export const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
export const version = 'Sec-WebSocket-Version: 13';

const key = Buffer.from([0x11, 0x22, 0x33, 0x44]);

function lengthBytes(size, form) {
  if (form === 8 || (form === undefined && size > 0xffff)) {
    const bytes = Buffer.alloc(9, 127);
    bytes.writeBigUInt64BE(BigInt(size), 1);
    return bytes;
  }
  if (form === 2 || size > 125) return Buffer.from([126, size >> 8, size & 255]);
  return Buffer.from([size]);
}

/**
 * One frame. `claims`: the length that its header says; `form`: in how many bytes; `rsv`: the reserved bits, 4 is RSV1.
 */
export function frame(opcode, payload = '', { fin = true, rsv = 0, mask = true, claims, form } = {}) {
  const data = Buffer.from(payload);
  const length = lengthBytes(claims ?? data.length, form);
  if (mask) {
    length[0] |= 0x80;
    for (let i = 0; i < data.length; i++) data[i] ^= key[i & 3];
  }
  return { raw: Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]), length, mask ? key : Buffer.alloc(0), data]) };
}
export const closeFrame = (code, reason = '') =>
  frame(8, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));

/** A message as permessage-deflate sends it. */
export const deflated = (data) => zlib.deflateRawSync(data, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).subarray(0, -4);

export const hex = (text) => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** A msgpack packet of type event, `data` being these bytes. */
export const packed = (...data) => Buffer.concat([hex('83 a4'), Buffer.from('type'), hex('02 a3'), Buffer.from('nsp'), hex('a1 2f a4'),
  Buffer.from('data'), ...data.map((part) => (typeof part === 'string' ? hex(part) : part))]);
/** The event `message` with one argument, these bytes. */
export const packedMessage = (...value) => packed('92 a7', Buffer.from('message'), ...value);

export const times = (count, step) => Array.from({ length: count }, () => step);
