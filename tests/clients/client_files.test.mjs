// The browser client that the gossamer program serves under /socket.io/ from the folder it was given.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { exchange } from './lib/wire.mjs';
import { startGossamer, within } from './lib/server.mjs';

const folder = fileURLToPath(new URL('node_modules/socket.io/client-dist/', import.meta.url));
const names = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.msgpack.min.js'];

let server;
before(async () => { server = await startGossamer(['--client-dir', folder]); });
after(() => server?.stop());

/** A GET whose body comes as it was sent, not decompressed. */
const get = (path, headers = {}, method = 'GET') => within(5000, new Promise((resolve, reject) => {
  const request = http.request(`${server.url}${path}`, { method, headers }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    response.on('error', reject);
  });
  request.on('error', reject);
  request.end();
}), path);

describe('client files', () => {
  for (const name of names.flatMap((name) => [name, `${name}.map`])) {
    const file = readFileSync(folder + name);
    it(`serves ${name}`, async () => {
      const answer = await get(`/socket.io/${name}`);
      assert.equal(answer.status, 200);
      assert.match(answer.headers['content-type'], name.endsWith('.map') ? /^application\/json/ : /^(application|text)\/javascript/);
      assert.equal(answer.headers['cache-control'], 'public, max-age=0');
      assert.ok(answer.body.equals(file));
    });

    it(`says that ${name} has not changed`, async () => {
      const { etag } = (await get(`/socket.io/${name}`)).headers;
      assert.match(etag, /^(W\/)?"[^"]+"$/);
      const answer = await get(`/socket.io/${name}`, { 'if-none-match': etag });
      assert.equal(answer.status, 304);
      assert.equal(answer.body.length, 0);
      assert.equal((await get(`/socket.io/${name}`, { 'if-none-match': '"other"' })).status, 200);
    });

    it(`compresses ${name}`, async () => {
      const answer = await get(`/socket.io/${name}`, { 'accept-encoding': 'gzip' });
      assert.equal(answer.headers['content-encoding'], 'gzip');
      assert.ok(answer.body.length < file.length);
      assert.ok(zlib.gunzipSync(answer.body).equals(file));
      assert.equal((await get(`/socket.io/${name}`, { 'accept-encoding': 'identity' })).headers['content-encoding'], undefined);
    });
  }

  it('serves nothing else of the folder or above it', async () => {
    for (const path of ['/socket.io/package.json', '/socket.io/none.js', '/socket.io/', '/socket.io/socket.io.js/',
      '/socket.io/%2e%2e/package.json', '/socket.io/..%2fpackage.json']) {
      const answer = await get(path);
      assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
    }
    const { port } = new URL(server.url);
    const answer = await exchange(Number(port), 'GET /socket.io/../package.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 4\d\d/);
  });
});
