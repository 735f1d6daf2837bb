// Engine.IO revision 3 and Socket.IO protocol 4: lengths, JSONP, the automatic CONNECT, queries of namespaces.
import { hex } from './bytes.mjs';

const unknown = 'GET 400 {"code":1,"message":"Session ID unknown"}';
const octets = 'application/octet-stream';
const form = 'application/x-www-form-urlencoded';
const dead = (body, more) => [{ post: body, ...more }, { get: true }];
const served = (body, answer, more) => [[{ post: body, ...more }, { get: true }], ['POST 200 ok', `GET 200 ${answer}`]];

export const old = [
  {
    id: 'payload-3', input: 'a POST of revision 3 whose lengths or packets are wrong: the session ends', ends: ['POST 400', unknown], where: 'polling 3, echo',
    cases: [
      ['nothing', dead('')],
      ['no length', dead(':4a')],
      ['no colon', dead('2')],
      ['a packet without a length', dead('4hello')],
      ['a length that is too long', dead('9:4a')],
      ['a length that is too short', dead('1:4a')],
      ['a negative length', dead('-2:4a')],
      ['a signed length', dead('+2:4a')],
      ['a space before the length', dead(' 2:4a')],
      ['a fraction', dead('2.0:4a')],
      ['an exponent', dead('2e0:4a')],
      ['a hexadecimal length', dead('0x2:4a')],
      ['a length of 11 digits', dead('00000000002:4a')],
      ['a length of 400 digits', dead(`${'9'.repeat(400)}:4a`)],
      ['a length past 2^32', dead('4294967298:4a')],
      ['a length past 2^64', dead('18446744073709551618:4a')],
      ['a length that ends within a surrogate pair', dead('2:4😀')],
      ['a length that counts bytes', dead('4:4€')],
      ['something behind the last packet', dead('2:4a2')],
      ['a colon behind the last packet', dead('2:4a:')],
      ['no type', dead('1:x')],
      ['type 7', dead('2:7a')],
      ['a pong, which only the server sends', dead('1:3')],
      ['a payload of revision 4', dead('4a\x1e4b')],
      ['10,001 packets', dead('1:6'.repeat(10_001))],
      ['bytes that are no UTF-8', dead(hex('ff fe'))],
      ['base64 that is none', dead('6:b4!!!!')],
      ['base64 that ends early', dead('3:b4A')],
    ],
  },
  {
    id: 'payload-3-binary', input: 'a binary payload of revision 3 whose lengths or packets are wrong: the session ends', ends: ['POST 400', unknown], where: 'polling 3, echo',
    cases: [
      ['a kind that is neither text nor binary', '02 01 ff 04'],
      ['no length', '00 ff 34'],
      ['nothing but the kind', '00'],
      ['no end of the length', '00 01 01 01'],
      ['a digit over nine', '00 0a ff 34'],
      ['a digit in ASCII', '00 31 ff 34'],
      ['a length that is too long', '00 09 ff 34 61'],
      ['a length of 11 digits', '00 00 00 00 00 00 00 00 00 00 00 01 ff 34'],
      ['a length past 2^32', '01 04 02 09 04 09 06 07 02 09 08 ff 04 61'],
      ['a length without data', '01 02 ff'],
      ['text that is no UTF-8', '00 02 ff 34 ff'],
      ['text that ends within a code point', '00 03 ff 34 e2 82'],
      ['text of no type', '00 01 ff 78'],
      ['something behind the last packet', '00 02 ff 34 61 34'],
      ['a text payload', Buffer.from('2:4a').toString('hex')],
    ].map(([name, bytes]) => [name, dead(hex(bytes), { type: octets })]),
  },
  {
    id: 'payload-3-odd', input: 'odd, but served as from Node', ends: ['alive'], where: 'polling 3, echo',
    cases: [
      ['empty packets', ...served('0:2:4a0:', '2:4a')],
      ['binary of no known type', ...served('1:b2:bx2:4a', '2:4a')],
      ['leading zeros', ...served('02:4a', '2:4a')],
    ],
  },
  {
    id: 'jsonp', input: 'a form of JSONP that holds no payload: the session ends', ends: ['POST 400', unknown], where: 'JSONP 3, echo', mask: [[/___eio\[0\]\("(.*)"\);/, '$1']],
    cases: [
      ['no length', dead('d=4a', { type: form })],
      ['nothing', dead('d=', { type: form })],
      ['a length that is too long', dead('d=9:4a', { type: form })],
      ['escapes that are no UTF-8', dead('d=%ff%fe', { type: form })],
      ['half an escape', dead('d=%', { type: form })],
      ['a pong', dead('d=1:3', { type: form })],
    ],
  },
  {
    id: 'jsonp-none', input: 'a form of JSONP without `d`, or with two: taken, and nothing in it', ends: ['POST 200 ok', 'alive'], where: 'JSONP 3, echo',
    cases: [['no field', [{ post: '', type: form }]], ['another field', [{ post: 'e=2:4a', type: form }]], ['two', [{ post: 'd=2:4a&d=2:4b', type: form }]]],
  },
  {
    id: 'jsonp-4', input: 'the same of revision 4: the session ends', ends: ['POST 400', unknown], where: 'JSONP 4, echo',
    cases: [['a packet of no known type', dead('d=x', { type: form })], ['a ping', dead('d=2', { type: form })]],
  },
  {
    id: 'jsonp-index', input: 'a callback that is no number: its digits count', ends: ['alive'], where: 'tcp', mask: [[/^200 (___eio\[\d*\]\(").*/s, '$1…']],
    cases: [
      ['script', ['GET /engine.io/?EIO=3&transport=polling&j=alert(1) HTTP/1.1\r\nHost: x\r\n\r\n'], ['___eio[1]("…']],
      ['markup', ['GET /engine.io/?EIO=3&transport=polling&j=%3C%2Fscript%3E HTTP/1.1\r\nHost: x\r\n\r\n'], ['___eio[]("…']],
      ['100 digits', [`GET /engine.io/?EIO=4&transport=polling&j=${'7'.repeat(100)} HTTP/1.1\r\nHost: x\r\n\r\n`], [`___eio[${'7'.repeat(100)}]("…`]],
    ],
  },
  {
    id: 'packet-3', input: 'a WebSocket message of revision 3 that is no packet, or one that a client must not send', ends: ['close'], where: 'WebSocket 3, echo',
    cases: [['an empty message', ['']], ['a packet of no known type', ['x']], ['a pong', ['3']], ['the close packet', ['1']]],
  },
  {
    id: 'packet-3-odd', input: 'a packet that means nothing here: not looked at', ends: ['alive'], where: 'WebSocket 3, echo',
    cases: [
      ['empty binary', [Buffer.alloc(0)]],
      ['binary of no known type', [Buffer.from([9, 9]), Buffer.from([255])]],
      ['base64 of no known type', ['b', 'bx']],
      ['an open packet, an upgrade and a noop', ['0', '5', '6']],
      ['5000 pings', [{ raw: Buffer.concat(Array(5000).fill(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x32]))) }], [], { hide: /^3$/ }],
    ],
  },
  {
    id: 'connect-3', input: 'CONNECT of `/`, which revision 3 has joined by itself, of a namespace twice, and packets of those not joined', ends: ['close'], where: 'WebSocket 3',
    cases: [
      ['/ again', ['40']],
      ['/ again with a query', ['40/?a=b,']],
      ['a namespace twice', ['40/custom?token=a,', '40/custom?token=b,'], ['40/custom,', '42/custom,["auth",{"token":"a"}]']],
      ['a namespace twice while its middleware works', ['40/auth?token=secret,', '40/auth?token=secret,']],
      ['an event of a namespace not joined', ['42/custom,["message"]']],
      ['an event while the middleware works', ['40/auth?token=secret,', '42/auth,["message"]']],
      ['a namespace of 600 bytes', [`40/${'n'.repeat(600)},`]],
      ['a query of 20,000 bytes', [`40/custom?${'a=b&'.repeat(5000)},`]],
      ['an error packet', ['44"x"']],
      ['binary without a header', [Buffer.from([4, 1, 2])]],
      ['text within a binary event', ['451-["message",{"_placeholder":true,"num":0}]', '42["message"]']],
      ['a payload that is no JSON', ['42["message"']],
      ['a reserved name', ['42["connect"]']],
    ],
  },
  {
    id: 'connect-3-odd', input: 'odd namespaces of revision 3', ends: ['alive'], where: 'WebSocket 3',
    cases: [
      ['2000 unknown ones', Array(2000).fill('40/none?a=b,'), ['44/none,{"message":"Invalid namespace"} ×2000']],
      ['escapes that are no UTF-8', ['40/custom?a=%ff,'], ['40/custom,', '42/custom,["auth",{"a":"\ufffd"}]']],
      ['names of the prototype', ['40/custom?__proto__=1&constructor=2,'], ['40/custom,', '42/custom,["auth",{"__proto__":"1","constructor":"2"}]']],
    ],
  },
];
