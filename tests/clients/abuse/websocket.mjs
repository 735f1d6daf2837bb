// WebSocket: the opening handshake, frames, messages, compression, and how it is closed.
import zlib from 'node:zlib';
import { closeFrame, deflated, frame, head, hex, times, upgrade, version } from './bytes.mjs';

const opens = '/socket.io/?EIO=4&transport=websocket';
const handshake = (...fields) => [head(`GET ${opens}`, ...fields)];
const message = '42["message","x"]';
const echoed = '42["message-back","x"]';
const bomb = deflated(Buffer.alloc(20_000_000, 0x20));

export const websocket = [
  {
    id: 'upgrade-bad', input: 'an upgrade without a proper key, or whose list of extensions breaks the grammar', ends: ['400', 'close'], where: 'tcp',
    cases: [
      ['no key', handshake('Upgrade: websocket', 'Connection: Upgrade', version)],
      ['a short key', handshake('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: x', version)],
      ['two keys', handshake(...upgrade, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', version)],
      ['a key that is no base64', handshake('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: !!hlIHNhbXBsZSBub25jZQ==', version)],
      ['an extension without a name', handshake(...upgrade, version, 'Sec-WebSocket-Extensions: ;')],
      ['an extension whose parameter has no name', handshake(...upgrade, version, 'Sec-WebSocket-Extensions: permessage-deflate; =')],
      ['an open quote', handshake(...upgrade, version, 'Sec-WebSocket-Extensions: permessage-deflate; a="b')],
    ],
  },
  {
    id: 'upgrade-version', input: 'a WebSocket of another version', ends: ['426', 'close'], where: 'tcp',
    cases: [
      ['none', handshake(...upgrade)],
      ['99', handshake(...upgrade, 'Sec-WebSocket-Version: 99')],
      ['two', handshake(...upgrade, version, version)],
    ],
  },
  {
    id: 'upgrade-transport', input: 'an upgrade with an unknown transport', ends: ['400 Transport unknown', 'close'], where: 'tcp',
    cases: [
      ['none', [head('GET /socket.io/?EIO=4', ...upgrade, version)]],
      ['carrier', [head('GET /socket.io/?EIO=4&transport=carrier', ...upgrade, version)]],
      ['webtransport', [head('GET /socket.io/?EIO=4&transport=webtransport', ...upgrade, version)]],
    ],
  },
  {
    id: 'upgrade-sid', input: 'an upgrade of a session that is not there', ends: ['400 Session ID unknown', 'close'], where: 'tcp',
    cases: [
      ['no id', [head(`GET ${opens}&sid=x`, ...upgrade, version)]],
      ['a path', [head(`GET ${opens}&sid=../../etc/passwd`, ...upgrade, version)]],
      ['an id that could be one', [head(`GET ${opens}&sid=AAAAAAAAAAAAAAAAAAAA`, ...upgrade, version)]],
      ['an id of the highest lane', [head(`GET ${opens}&sid=____________________`, ...upgrade, version)]],
    ],
  },
  {
    id: 'upgrade-forbidden', input: 'an upgrade that the application refuses: its text, without markup', ends: ['400 no <b>', 'close'], where: 'tcp',
    cases: [['with a text', [head(`GET ${opens}&deny=no%20%3Cb%3E`, ...upgrade, version)]]],
  },
  {
    id: 'upgrade-none', input: 'transport=websocket without an upgrade', ends: ['400 {"code":3,"message":"Bad request"}', 'alive'], where: 'tcp',
    cases: [
      ['plain GET', [head(`GET ${opens}`)]],
      ['another protocol', [head(`GET ${opens}`, 'Upgrade: h2c', 'Connection: Upgrade')]],
      ['no Connection', [head(`GET ${opens}`, 'Upgrade: websocket', version)]],
    ],
  },
  {
    id: 'upgrade-left', input: 'a WebSocket whose client resets the connection at once', ends: ['alive'], where: 'tcp',
    cases: [['200 of them', [{ crowd: 200, reset: true, texts: [head(`GET ${opens}`, ...upgrade, version)] }]]],
  },
  {
    id: 'websocket-left', input: 'clients that join and leave without a word', ends: ['alive'], where: 'WebSocket 4',
    cases: [['300, one after the other', Array.from({ length: 300 }, (_, i) => [{ open: `v${i}` }, { cut: `v${i}` }]).flat()]],
  },
  {
    id: 'websocket-deaf', input: 'a client that asks for 16 MB and reads nothing: closed after 5 s without progress', ends: ['v: 432["transport error"]', 'v: alive'],
    where: 'WebSocket 4, not joined', slow: true,
    cases: [['of a megabyte each', ['40{"tag":"abuse-deaf"}', { take: 'main' }, { take: 'main' }, { open: 'v' }, { on: 'v', send: '40' }, { take: 'v' }, { take: 'v' },
      { deaf: 'main' }, ...times(16, '42["big",1000000,"text"]'), { on: 'v', send: '421["reason-of","abuse-nobody"]' }, { take: 'v' },
      { on: 'v', send: '422["reason-of","abuse-deaf"]' }, { take: 'v' }],
    ['40{"sid":"…"}', '42["auth",{"tag":"abuse-deaf"}]', 'v: 40{"sid":"…"}', 'v: 42["auth",{}]', 'v: 431[null]']]],
  },
  {
    id: 'frame-bad', input: 'a frame that breaks RFC 6455', ends: ['close 1002'], where: 'WebSocket 4',
    cases: [
      ['not masked', [frame(1, '4x', { mask: false })]],
      ['RSV1', [frame(1, '4', { rsv: 4 })]],
      ['RSV2', [frame(1, '4', { rsv: 2 })]],
      ['RSV3', [frame(1, '4', { rsv: 1 })]],
      ['opcode 3', [frame(3)]],
      ['opcode 7', [frame(7)]],
      ['opcode 11', [frame(11)]],
      ['opcode 15', [frame(15)]],
      ['a continuation of nothing', [frame(0, '4')]],
      ['a text within a fragmented text', [frame(1, '4', { fin: false }), frame(1, '4')]],
      ['a binary within a fragmented text', [frame(1, '4', { fin: false }), frame(2, 'x')]],
      ['a fragmented ping', [frame(9, 'x', { fin: false })]],
      ['a ping of 126 bytes', [frame(9, Buffer.alloc(126))]],
      ['a pong of 126 bytes', [frame(10, Buffer.alloc(126))]],
      ['a length of 2 bytes for 1', [frame(1, '4', { form: 2 })]],
      ['a length of 8 bytes for 1', [frame(1, '4', { form: 8 })]],
      ['a length past 2^63', [{ raw: hex('81 ff 80 00 00 00 00 00 00 00') }]],
      ['the bad byte alone in its segment', [{ each: '\xf1\x80' }]],
    ],
  },
  {
    id: 'close-bad', input: 'a close frame that is none', ends: ['close 1002'], where: 'WebSocket 4',
    cases: [
      ['one byte', [frame(8, 'x')]],
      ['fragmented', [frame(8, '', { fin: false })]],
      ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535].map((code) => [`code ${code}`, [closeFrame(code)]]),
    ],
  },
  {
    id: 'close-utf8', input: 'a close frame whose reason is not UTF-8', ends: ['close 1007'], where: 'WebSocket 4',
    cases: [['a lone byte', [closeFrame(1000, Buffer.from([0xff]))]], ['a surrogate', [closeFrame(1000, hex('ed a0 80'))]]],
  },
  ...[1000, 1001, 1011, 1014, 3000, 4999].map((code) => ({
    id: `close-${code}`, input: `a close frame with code ${code}: answered with it, what follows is not read`, ends: [`close ${code}`], where: 'WebSocket 4',
    cases: [['and a message behind it', [closeFrame(code, 'bye'), message]], ['twice', [closeFrame(code), closeFrame(code)]]],
  })),
  {
    id: 'close-plain', input: 'a close frame without a code: answered without one', ends: ['close'], where: 'WebSocket 4',
    cases: [['and a message behind it', [frame(8), message]]],
  },
  {
    id: 'message-utf8', input: 'a text message that is not UTF-8, found at the byte that is wrong', ends: ['close 1007'], where: 'WebSocket 4',
    cases: [
      ['bytes', [frame(1, hex('34 ff fe'))]],
      ['a surrogate', [frame(1, hex('34 ed a0 80'))]],
      ['an overlong slash', [frame(1, hex('34 c0 af'))]],
      ['an overlong NUL of three bytes', [frame(1, hex('34 e0 80 80'))]],
      ['a code point past U+10FFFF', [frame(1, hex('34 f4 90 80 80'))]],
      ['a sequence of five', [frame(1, hex('34 f8 88 80 80 80'))]],
      ['a lone continuation', [frame(1, hex('34 80'))]],
      ['an end within a code point', [frame(1, hex('34 e2 82'))]],
      ['a fragment that cannot become good', [frame(1, hex('34 ff'), { fin: false })]],
      ['an empty last fragment behind half a code point', [frame(1, hex('34 e2 82'), { fin: false }), frame(0)]],
    ],
  },
  {
    id: 'message-size', input: 'a message over 1,000,000 bytes, refused when its header says so; over 16,384 fragments', ends: ['close 1009'], where: 'WebSocket 4',
    cases: [
      ['one byte too many', [frame(1, '', { claims: 1_000_001 })]],
      ['a terabyte', [frame(2, '', { claims: 2 ** 40 })]],
      ['2^63 - 1', [{ raw: hex('82 ff 7f ff ff ff ff ff ff ff') }]],
      ['fragments', [frame(1, '4', { fin: false }), ...times(17, frame(0, Buffer.alloc(60_000, 0x20), { fin: false }))]],
      ['a last fragment that claims the rest of all', [frame(1, '4', { fin: false }), frame(0, '', { claims: 1_000_000 })]],
      ['empty fragments without end', [{ raw: Buffer.concat([frame(1, '4', { fin: false }).raw, ...times(16_400, frame(0, '', { fin: false }).raw)]) }]],
    ],
  },
  {
    id: 'frames-odd', input: 'odd, but RFC 6455: served', ends: ['alive'], where: 'WebSocket 4',
    cases: [
      ['a message byte by byte', [{ each: frame(1, message).raw.toString('latin1') }], [echoed]],
      ['5000 empty fragments', [frame(1, message, { fin: false }), { raw: Buffer.concat(times(5000, frame(0, '', { fin: false }).raw)) }, frame(0)], [echoed]],
      ['code points cut by fragments', [frame(1, Buffer.concat([Buffer.from('42["message","'), hex('e2')]), { fin: false }), frame(0, hex('82'), { fin: false }),
        frame(0, Buffer.concat([hex('ac'), Buffer.from('"]')]))], ['42["message-back","€"]']],
      ['pings within a fragmented message', [frame(1, '42["mess', { fin: false }), frame(9, 'a'), frame(10, 'b'), frame(0, 'age","x"]')], ['pong a', echoed]],
      ['pongs that nobody asked for', [{ raw: Buffer.concat(times(5000, frame(10, 'x').raw)) }]],
      ['5000 pings', [{ raw: Buffer.concat(times(5000, frame(9, 'x').raw)) }], [], { hide: /^pong/ }],
      ['a ping of 125 bytes', [frame(9, 'x'.repeat(125))], [`pong ${'x'.repeat(125)}`]],
    ],
  },
  {
    id: 'deflate-frame', input: 'RSV1 where a deflated message cannot begin', ends: ['close 1002'], where: 'WebSocket 4, deflate',
    cases: [
      ['a continuation', [frame(1, deflated('4x'), { rsv: 4, fin: false }), frame(0, '', { rsv: 4 })]],
      ['a ping', [frame(9, '', { rsv: 4 })]],
      ['a close', [frame(8, '', { rsv: 4 })]],
      ['RSV2 beside it', [frame(1, deflated('4x'), { rsv: 6 })]],
    ],
  },
  {
    id: 'deflate-data', input: 'a deflated message that does not inflate, or not to UTF-8', ends: ['close 1007'], where: 'WebSocket 4, deflate',
    cases: [
      ['bytes', [frame(1, hex('ff ff ff ff'), { rsv: 4 })]],
      ['a reserved block type', [frame(2, hex('07 00'), { rsv: 4 })]],
      ['a stored block of wrong length', [frame(2, hex('00 05 00 00 00 61'), { rsv: 4 })]],
      ['half a block', [frame(1, deflated(message.repeat(50)).subarray(0, 12), { rsv: 4 })]],
      ['a distance before the beginning', [frame(2, hex('4b 04 41 05 00'), { rsv: 4 })]],
      ['bytes in fragments', [frame(1, hex('ff'), { rsv: 4, fin: false }), frame(0, hex('ff ff'))]],
      ['text that is not UTF-8', [frame(1, deflated(hex('34 ff')), { rsv: 4 })]],
    ],
  },
  {
    id: 'deflate-bomb', input: 'a deflated message of over 1,000,000 bytes: inflated as far as the limit', ends: ['close 1009'], where: 'WebSocket 4, deflate',
    cases: [
      ['20 MB in 20 KB', [frame(1, bomb, { rsv: 4 })]],
      ['as binary', [frame(2, bomb, { rsv: 4 })]],
      ['in fragments', [frame(1, bomb.subarray(0, 10), { rsv: 4, fin: false }), ...times(1, frame(0, bomb.subarray(10)))]],
      ['one byte too many', [frame(1, deflated(Buffer.alloc(1_000_001, 0x34)), { rsv: 4 })]],
      ['a frame that could not inflate to less', [frame(1, '', { rsv: 4, claims: 1_130_000 })]],
      ['a bomb of last blocks, one behind another', [frame(1, Buffer.concat(times(60, zlib.deflateRawSync(Buffer.alloc(20_000, 0x34)))), { rsv: 4 })]],
    ],
  },
  {
    id: 'deflate-odd', input: 'odd, but RFC 7692: served', ends: ['alive'], where: 'WebSocket 4, deflate',
    cases: [
      ['byte by byte', [{ each: frame(1, deflated(message), { rsv: 4 }).raw.toString('latin1') }], [echoed]],
      ['plain beside deflated', [message, frame(1, deflated(message), { rsv: 4 }), message], [`${echoed} ×3`]],
      ['a ping within it', [frame(1, deflated(message).subarray(0, 4), { rsv: 4, fin: false }), frame(9, 'a'), frame(0, deflated(message).subarray(4))], ['pong a', echoed]],
    ],
  },
];
