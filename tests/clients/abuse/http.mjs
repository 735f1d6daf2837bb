// HTTP: what stands before any Engine.IO, and how requests are told apart.
import { bare, head, times, upgrade } from './bytes.mjs';

const opens = '/socket.io/?EIO=4&transport=polling';
const post = (...fields) => head('POST $target', ...fields).replace('$target', `${opens}&sid=$sid`);
const smuggled = head('GET /smuggled');
const chunked = (body) => post('Transfer-Encoding: chunked') + body;
const length = (...values) => post(...values.map((value) => `Content-Length: ${value}`)) + `4abcd${smuggled}`;

export const http = [
  {
    id: 'http-malformed', input: 'no HTTP/1.x head: other bytes, control characters, a bare CR or LF, folded fields, bad names', ends: ['400', 'close'],
    where: 'tcp',
    cases: [
      ['bytes', ['\x00\x01\x02\xff\xfe\r\n\r\n']],
      ['a TLS hello', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03']],
      ['no request line', ['\r\n\r\nhello\r\n\r\n']],
      ['another protocol', ['PING / REDIS\r\n\r\n']],
      ['no version', ['GET /\r\n\r\n']],
      ['a version in small letters', [bare('GET / http/1.1', 'Host: x')]],
      ['a request line that ends in LF alone', ['GET / HTTP/1.1\nHost: x\r\n\r\n']],
      ['a field that ends in LF alone', ['GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n']],
      ['an empty line of LF alone', ['GET / HTTP/1.1\r\nHost: x\r\n\n']],
      ['CR within a field', [head('GET /', 'X: a\rb')]],
      ['CR CR LF', ['GET / HTTP/1.1\r\r\nHost: x\r\n\r\n']],
      ['a folded field', [head('GET /', 'X: a', ' b')]],
      ['a field folded with a tab', [head('GET /', 'X: a', '\tb')]],
      ['a space before the first field', ['GET / HTTP/1.1\r\n Host: x\r\n\r\n']],
      ['NUL in a value', [head('GET /', 'X: a\0b')]],
      ['DEL in a value', [head('GET /', 'X: a\x7fb')]],
      ['a vertical tab before chunked', [head('POST /', 'Transfer-Encoding:\x0bchunked')]],
      ['a space in a name', [head('GET /', 'Bad Name: x')]],
      ['a space before the colon', [head('GET /', 'X : y')]],
      ['a space before the colon of Transfer-Encoding', [head('POST /', 'Transfer-Encoding : chunked')]],
      ['no name', [head('GET /', ': x')]],
      ['no colon', [head('GET /', 'X')]],
      ['two spaces before the target', [bare('GET  / HTTP/1.1', 'Host: x')]],
      ['two spaces behind the target', [bare('GET /  HTTP/1.1', 'Host: x')]],
      ['a method that is no token', [head('G(T /')]],
    ],
  },
  {
    id: 'http-version', input: 'HTTP of another version', ends: ['505', 'close'], where: 'tcp',
    cases: ['0.9', '1.2', '2.0', '3.0', '9.9'].map((v) => [`HTTP/${v}`, [bare(`GET / HTTP/${v}`, 'Host: x')]]),
  },
  {
    id: 'http-host', input: 'no Host, or two', ends: ['400', 'close'], where: 'tcp',
    cases: [['none', [bare('GET / HTTP/1.1')]], ['two', [head('GET /', 'Host: y')]], ['two that are equal', [head('GET /', 'Host: x')]]],
  },
  {
    id: 'http-framing', input: 'a body whose length is not certain (request smuggling): nothing behind it is read', ends: ['400', 'close'],
    where: 'tcp, a session of revision 4',
    cases: [
      ['two lengths', [length(5, 6)]],
      ['two equal lengths', [length(5, 5)]],
      ['a list of lengths', [length('5, 6')]],
      ['a list of equal lengths', [length('5, 5')]],
      ['a negative length', [length(-5)]],
      ['a signed length', [length('+5')]],
      ['a hexadecimal length', [length('0x5')]],
      ['letters in the length', [length('5x')]],
      ['an empty length', [length('')]],
      ['a length past 2^64', [length('18446744073709551621')]],
      ['length and chunks', [post('Content-Length: 5', 'Transfer-Encoding: chunked') + `0\r\n\r\n${smuggled}`]],
      ['chunks and length', [post('Transfer-Encoding: chunked', 'Content-Length: 5') + `0\r\n\r\n${smuggled}`]],
      ['length and an unknown coding', [post('Content-Length: 5', 'Transfer-Encoding: identity') + `4abcd${smuggled}`]],
      ['two codings', [post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') + `0\r\n\r\n${smuggled}`]],
      ['two equal codings', [post('Transfer-Encoding: chunked', 'transfer-encoding: chunked') + `0\r\n\r\n${smuggled}`]],
      ['chunks in HTTP/1.0', [bare(`POST ${opens}&sid=$sid HTTP/1.0`, 'Transfer-Encoding: chunked') + `0\r\n\r\n${smuggled}`]],
    ],
  },
  {
    id: 'http-coding', input: 'a transfer coding other than chunked', ends: ['501', 'close'], where: 'tcp, a session of revision 4',
    cases: ['identity', 'gzip', 'gzip, chunked', 'xchunked', 'chunked, chunked', '"chunked"', 'chunked;q=1']
      .map((coding) => [coding, [post(`Transfer-Encoding: ${coding}`) + `0\r\n\r\n${smuggled}`]]),
  },
  {
    id: 'http-chunk', input: 'a chunk that is none', ends: ['400', 'close'], where: 'tcp, a session of revision 4',
    cases: [
      ['no number', [chunked('zz\r\n')]],
      ['an empty size', [chunked(`\r\n4\r\n${smuggled}`)]],
      ['a space behind the size', [chunked(`2 \r\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['a space before the size', [chunked(` 2\r\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['0x before the size', [chunked(`0x2\r\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['a sign before the size', [chunked(`+2\r\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['LF alone behind the size', [chunked(`2\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['LF alone behind an extension', [chunked(`2;a=b\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['a size that is too small', [chunked(`1\r\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['a size that is too large', [chunked(`4\r\n4a\r\n0\r\n\r\n${smuggled}`)]],
      ['LF alone behind the data', [chunked(`2\r\n4a\n0\r\n\r\n${smuggled}`)]],
      ['a control character in an extension', [chunked('2;a\x01\r\n4a\r\n0\r\n\r\n')]],
      ['an extension of 300 bytes', [chunked(`2;${'a'.repeat(300)}\r\n4a\r\n0\r\n\r\n`)]],
      ['trailers of 5000 bytes', [chunked(`2\r\n4a\r\n0\r\nX: ${'a'.repeat(5000)}\r\n\r\n`)]],
      ['a folded trailer', [chunked('2\r\n4a\r\n0\r\n X: y\r\n\r\n')]],
      ['LF alone behind a trailer', [chunked('2\r\n4a\r\n0\r\nX: y\n\r\n')]],
    ],
  },
  {
    id: 'http-expect', input: 'an expectation that nobody knows', ends: ['417', 'close'], where: 'tcp',
    cases: [['200-ok', [head('POST /', 'Expect: 200-ok', 'Content-Length: 1')]], ['a list', [head('POST /', 'Expect: 100-continue, x')]]],
  },
  {
    id: 'http-head-size', input: 'a head over 16 KiB or of over 100 fields', ends: ['431', 'close'], where: 'tcp',
    cases: [
      ['a target of 100,000 bytes', [`GET /${'a'.repeat(100_000)}`]],
      ['a field of 100,000 bytes', [`GET / HTTP/1.1\r\nX: ${'a'.repeat(100_000)}`]],
      ['a name of 100,000 bytes', [`GET / HTTP/1.1\r\n${'a'.repeat(100_000)}`]],
      ['101 fields', [head('GET /', ...times(100, 'X: y'))]],
      ['20,000 fields', [head('GET /', ...times(20_000, 'X: y'))]],
      ['20,000 empty lines', ['\r\n'.repeat(20_000)]],
    ],
  },
  {
    id: 'http-body-size', input: 'a body over 1,000,000 bytes, announced or not: refused at the byte that says so', ends: ['413', 'close'],
    where: 'tcp, a session of revision 4',
    cases: [
      ['one byte too many', [post('Content-Length: 1000001')]],
      ['a terabyte', [`${post('Content-Length: 999999999999')}4x`]],
      ['2^64 - 1', [`${post('Content-Length: 18446744073709551615')}4x`]],
      ['a chunk of 2^64 - 1', [chunked('ffffffffffffffff\r\n4x')]],
      ['a chunk of 2^68', [chunked('100000000000000000\r\n4x')]],
      ['twenty chunks of 64 KiB', [chunked(`10000\r\n${'x'.repeat(0x10000)}\r\n`.repeat(20))]],
      ['without a session', [head(`POST ${opens}`, 'Content-Length: 1000001')]],
    ],
  },
  {
    id: 'http-odd', input: 'odd, but HTTP/1.1: served', ends: ['alive'], where: 'tcp, a session of revision 4',
    cases: [
      ['chunks with extensions and trailers', [chunked('1;a=b\r\n4\r\n001;c="d"\r\na\r\n0;e\r\nX: y\r\n\r\n')], ['200 ok']],
      ['a chunk for each byte, each byte alone', [post('Transfer-Encoding: chunked'), { each: '1\r\n4\r\n1\r\na\r\n0\r\n\r\n' }], ['200 ok']],
      ['empty lines before the request', [`\r\n\r\n${head('GET /')}`], ['404 Not Found']],
      ['a head byte by byte', [{ each: head('GET /') }], ['404 Not Found']],
      ['a body with GET, which is not the next request', [`${head('GET /', `Content-Length: ${smuggled.length}`)}${smuggled}`], ['404 Not Found']],
      ['16 requests at once', [head('GET /').repeat(16)], ['404 Not Found ×16']],
      ['a target that is a URL', [head('GET http://x/none')], ['404 Not Found']],
      ['bytes above 127 in a value', [head('GET /', 'X: \xff\xfe')], ['404 Not Found']],
      ['the way out of a folder', [head('GET /socket.io/../../etc/passwd')], ['400 {"code":0,"message":"Transport unknown"}']],
    ],
  },
  {
    id: 'http-crowd', input: '300 connections that stop in the midst of a request: they wait, and harm nobody', ends: ['alive'],
    where: 'tcp, a session of revision 4',
    cases: [['at any place', [{ crowd: 300, texts: ['', 'G', 'GET /socket.io/', head(`GET ${opens}`).slice(0, -2), `${post('Content-Length: 1000')}4x`,
      chunked('5\r\n4a'), head('GET /socket.io/?EIO=4&transport=websocket', ...upgrade).slice(0, -4)] }]]],
  },
  {
    id: 'http-slow-head', input: 'a head that is not complete after 10 s, however it comes', ends: ['408', 'close'], where: 'tcp', slow: true,
    cases: [
      ['half a head', ['GET / HTTP/1.1\r\nHost']],
      ['a field every second', [{ trickle: 'GET / HTTP/1.1\r\nHost: x\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\n' }]],
      ['a WebSocket upgrade without its end', [head(`GET /socket.io/?EIO=4&transport=websocket`, 'Upgrade: websocket', 'Connection: Upgrade').slice(0, -2)]],
    ],
  },
  {
    id: 'http-silence', input: 'a connection that says nothing for 10 s', ends: ['close'], where: 'tcp', slow: true,
    cases: [['nothing', []]],
  },
  {
    id: 'http-slow-body', input: 'a body that is not complete after 30 s, however it comes', ends: ['408', 'close'],
    where: 'tcp, a session of revision 3', slow: true,
    cases: [
      ['a byte every second', [head('POST /socket.io/?EIO=3&transport=polling&sid=$sid', 'Content-Length: 50'), { trickle: 'a'.repeat(49) }]],
      ['chunks that never end', [`${head('POST /socket.io/?EIO=4&transport=polling', 'Transfer-Encoding: chunked')}1\r\n4\r\n`]],
    ],
  },
];
