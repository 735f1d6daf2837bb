// The browser bundles of every major version in Chromium, on a page of another origin, with credentials: over polling,
// WebSocket and with an upgrade; and JSONP, whose GETs are scripts and whose POSTs are forms.
//
// SERVER_BIN is the conformance program. The page is http://allowed.example, which the server's CORS allows; Chromium is told to
// find it at a port of this machine.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { launch } from './browser.mjs';
import { playEngineIo, playSocketIo } from './page.mjs';

const clients = new URL('../clients/', import.meta.url);
const { startServer } = await import(new URL('lib/server.mjs', clients));

const spoken = 'aäß€\u{1F600}\u2028\u2029"\'\\\n\\n</script>';
// Clients 1.x encode UTF-8 twice where a payload is text, and fail on what JSONP escapes: nobody can tell them from 2.x.
const plain = '"\'\\\n\\n</script>';

const bundles = {
  'socket.io-client 4.8': { file: 'socket.io-client/dist/socket.io.js', eio: 4 },
  'socket.io-client 4.8, minified': { file: 'socket.io-client/dist/socket.io.min.js', eio: 4 },
  'socket.io-client 4.5': { file: 'sio45/dist/socket.io.min.js', eio: 4 },
  'socket.io-client 3.1': { file: 'sio31/dist/socket.io.js', eio: 4, jsonp: true },
  'socket.io-client 2.5': { file: 'sio25/dist/socket.io.js', eio: 3, jsonp: true },
  'socket.io-client 1.7': { file: 'sio17/dist/socket.io.js', eio: 3, jsonp: true, text: plain },
  'socket.io-client 4.8 with msgpack': { file: 'socket.io-client/dist/socket.io.msgpack.min.js', eio: 4, packed: true },
  'socket.io-client 4.5 with msgpack': { file: 'sio45/dist/socket.io.msgpack.min.js', eio: 4, packed: true },
  'socket.io-client 3.1 with msgpack': { file: 'sio31/dist/socket.io.msgpack.min.js', eio: 4, packed: true },
  'engine.io-client 6': { file: 'engine.io-client/dist/engine.io.js', eio: 4, bare: true },
  'engine.io-client 3.5': { file: 'eio35/engine.io.js', eio: 3, bare: true, jsonp: true },
};
const ways = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};
const jsonp = { transports: ['polling'], forceJSONP: true, jsonp: true };

/** Serves the bundles, and a page for each: /<number>/ has the script of that bundle. */
async function startPages() {
  const files = await Promise.all(Object.values(bundles).map(({ file }) => readFile(new URL(`node_modules/${file}`, clients))));
  const server = http.createServer((request, answer) => {
    const [, number, script] = /^\/(\d+)\/(client\.js)?$/.exec(request.url) ?? [];
    if (number === undefined) return answer.writeHead(404).end();
    answer.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    return answer.end(script ? files[number] : '<!doctype html><meta charset=utf-8><title>client</title><script src=client.js></script>');
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server;
}

let server;
let pages;
let browser;
before(async () => {
  [server, pages] = await Promise.all([startServer('matrix'), startPages()]);
  browser = await launch(`--host-resolver-rules=MAP allowed.example 127.0.0.1:${pages.address().port}`);
});
after(async () => {
  await browser?.close();
  pages?.close();
  await server?.stop();
});

/** Runs `play` in a new page with that bundle; gives what it returns and every request it made. */
async function played(number, play, given) {
  const page = await browser.newPage();
  const requests = [];
  const complaints = [];
  page.on('request', (request) => requests.push({ type: request.resourceType(), method: request.method(), url: request.url() }));
  page.on('pageerror', (error) => complaints.push(error.message));
  try {
    await page.goto(`http://allowed.example/${number}/`);
    const seen = await page.evaluate(play, given);
    assert.deepEqual(complaints, []);
    return { seen, requests };
  } finally {
    await page.close();
  }
}

async function socketIo(number, bundle, options) {
  const text = bundle.text ?? spoken;
  const url = `http://127.0.0.1:${server.port + (bundle.packed ? 1 : 0)}`;
  const { seen, requests } = await played(number, playSocketIo, { url, options, text });
  assert.deepEqual(seen, {
    transport: options.transports.at(-1), eio: bundle.eio, app: bundle.packed ? 'msgpack' : 'default', sameId: true, text: [text, { [text]: [text] }],
    plain: [0, 1, 30, 58, 128, 255], deep: [7], made: 300, sum: 190, acks: true, big: 50000, reason: 'io server disconnect',
  });
  return requests;
}

async function engineIo(number, bundle, options) {
  const { seen, requests } = await played(number, playEngineIo, { url: `http://127.0.0.1:${server.port}`, options, text: spoken, eio: bundle.eio });
  assert.deepEqual(seen, {
    transport: options.transports.at(-1), joined: bundle.eio === 4 ? '0{' : '0', greeting: '2["auth",{}]', text: spoken,
    head: '51-["message-back",{"_placeholder":true,"num":0}]', bytes: [0, 1, 30, 255],
  });
  return requests;
}

for (const [number, [name, bundle]] of Object.entries(bundles).entries()) {
  const play = bundle.bare ? engineIo : socketIo;
  describe(name, () => {
    for (const [way, options] of Object.entries(ways)) {
      it(`over ${way}`, () => play(number, bundle, options));
    }
    if (bundle.jsonp) {
      it('over JSONP', async () => {
        const requests = await play(number, bundle, jsonp);
        const kinds = new Set(requests.filter(({ url }) => url.includes('transport=polling')).map(({ type, method }) => `${method} ${type}`));
        assert.deepEqual([...kinds].sort(), ['GET script', 'POST document']);
      });
    }
  });
}
