// tests/unit/http/model_*.inc are what the packages `cors` and `cookie` do, which Socket.IO's own server uses.
// The C++ test compares gossamer with these tables. REWRITE=1 writes them anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(createRequire(import.meta.url).resolve('engine.io'));
const cors = require('cors');
const cookie = require('cookie');

const octal = (text) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
const quoted = (text) => `"${text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/gu, octal)}"sv`;

/** Named as in tests/unit/http/model_test.cpp, which makes the same of gossamer's options. */
const options = {
  none: undefined,
  star: { origin: '*' },
  empty_origin: { origin: '' },
  fixed: { origin: 'http://a.example' },
  off: { origin: false },
  reflect: { origin: true },
  list: { origin: ['http://a.example', /^https:\/\/.*\.example\.org$/] },
  list_with_star: { origin: ['*', 'http://a.example'] },
  empty_list: { origin: [] },
  pattern: { origin: /example/ },
  function_reflects: { origin: (origin, done) => done(null, origin === 'http://a.example') },
  function_names: { origin: (origin, done) => done(null, 'http://named.example') },
  function_lists: { origin: (origin, done) => done(null, ['http://a.example']) },
  credentials: { origin: true, credentials: true },
  credentials_star: { credentials: true },
  methods: { origin: 'http://a.example', methods: 'GET,POST' },
  no_methods: { methods: '' },
  headers: { allowedHeaders: 'x-custom,content-type' },
  no_headers: { allowedHeaders: [] },
  exposed: { origin: true, exposedHeaders: 'x-id,x-other' },
  no_exposed: { exposedHeaders: '' },
  max_age: { maxAge: 600 },
  max_age_0: { maxAge: 0 },
  status_200: { optionsSuccessStatus: 200 },
  goes_on: { origin: 'http://a.example', preflightContinue: true },
  everything: {
    origin: ['http://a.example'], credentials: true, methods: 'GET', allowedHeaders: 'x-a', exposedHeaders: 'x-b', maxAge: 1,
  },
};
const origins = ['', 'http://a.example', 'http://b.example'];
const more = ['https://x.example.org', 'https://x.example.org.evil', 'null', 'HTTP://A.EXAMPLE', '*'];
const asked = ['', 'X-One, x-two'];

function answer(how, method, origin, headers) {
  const set = new Map();
  const request = { method, headers: {} };
  if (origin) request.headers.origin = origin;
  if (headers) request.headers['access-control-request-headers'] = headers;
  let status = 0; // the request goes on
  const response = {
    getHeader: (name) => set.get(name),
    setHeader: (name, value) => set.set(name, String(value)),
    end: () => { status = response.statusCode; },
  };
  cors(how)(request, response, () => {});
  const lines = [...set].map(([name, value]) => `${name}: ${value}`).sort();
  return [status, lines.join('\n')];
}

function corsTable() {
  const rows = [];
  for (const [name, how] of Object.entries(options)) {
    const depends = /list|pattern|function|reflect/.test(name);
    for (const method of ['GET', 'OPTIONS']) {
      for (const origin of depends ? [...origins, ...more] : origins) {
        for (const headers of method === 'OPTIONS' ? asked : ['']) {
          const [status, lines] = answer(how, method, origin, headers);
          rows.push(`{${[name, method, origin, headers].map(quoted).join(', ')}, ${status},\n ${
            quoted(lines).replaceAll('\\012', '\\n')}},`);
        }
      }
    }
  }
  return rows;
}

const fields = [
  'io=1', 'a=1; io=2', 'a=1;io=2', 'a=1 ;  io = 2 ', '\tio\t=\t2\t', 'io=1; io=2', 'io="a b"', 'io=""', 'io="', 'io="a', 'io=a"',
  'io="a"b"', "io='a'", 'io=', 'io', 'io; io=2', 'a; io=2', '; io=2', ';;io=2;;', '=1; io=2', 'io=a=b', 'io==', 'IO=1', 'xio=1', 'io =1',
  'io=%41', 'io=%zz', 'io=%', 'io=%4', 'io=a%20b', 'io=a+b', 'io=%e2%82%ac', 'io=%ff', 'io=%c0%80', 'io=%ed%a0%80', 'io=%f0%9f%98%80',
  'io=%f4%90%80%80', 'io=%E2%82', 'io="%41"', 'io=%22a%22', 'io=a,b', 'io=a b', 'io="a;b"', 'io=\\"a', '%69o=1', 'io=1,io=2', '',
  '=', ';', 'a=1; ; io=3', '__proto__=1; io=4', 'constructor=1; io=5', 'io=%00', 'io=%3b', 'io=%2541',
];
const names = ['io', 'a', 'IO', '__proto__', 'constructor', '%69o'];

function cookieTable() {
  const rows = [];
  for (const field of fields) {
    const found = cookie.parse(field);
    for (const name of names) {
      if (name !== 'io' && !field.includes(name)) continue;
      // A JavaScript object keeps no cookie of this name, and has others that nobody sent.
      if (name === '__proto__') continue;
      const value = Object.hasOwn(found, name) ? quoted(found[name]) : 'nothing';
      rows.push(`{${quoted(field)}, ${quoted(name)}, ${value}},`);
    }
  }
  return rows;
}

const values = ['', 'x', 'a b', 'a;b', '"q"', 'a%b', '€', '\u{1f600}', "-_.!~*'()", 'a=b', 'a,b', '\n', '\0', 'a+b', '/?:@&$#[]'];

function setCookieTable() {
  const rows = values.map((value) =>
    [value, {}, 'bare']).concat(values.slice(0, 2).flatMap((value) => [
    [value, { path: '/', httpOnly: true, sameSite: 'lax' }, 'usual'],
    [value, { path: '/a', domain: 'a.example', maxAge: 60, httpOnly: true, secure: true, sameSite: 'none' }, 'everything'],
    [value, { maxAge: 0, sameSite: 'strict' }, 'ends'],
  ]));
  return rows.map(([value, how, name]) =>
    `{${quoted(name)}, ${quoted(value)}, ${quoted(cookie.serialize('io', value, how))}},`);
}
for (const [name, table] of [['cors', corsTable], ['cookie', cookieTable], ['set_cookie', setCookieTable]]) {
  it(`the table of ${name} is what the package does`, () => {
    const file = fileURLToPath(new URL(`../unit/http/model_${name}.inc`, import.meta.url));
    const text = `// Written by tests/clients/http_model.test.mjs from the package; do not edit.\n${table().join('\n')}\n`;
    if (process.env.REWRITE === '1') writeFileSync(file, text);
    assert.equal(readFileSync(file, 'utf8'), text);
  });
}
