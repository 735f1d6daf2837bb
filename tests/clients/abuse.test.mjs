// The corpus of bad input (abuse/): each case gets exactly the answer that docs/bad-input.md says, and after each one the server
// lives, bystanders of every kind are served within two seconds, and memory is bounded.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import parser from 'socket.io-msgpack-parser';
import { casesOf, chapters, table } from './abuse/corpus.mjs';
import { play } from './abuse/stage.mjs';
import { oldReleases, releases } from './lib/deps.mjs';
import { event, startServer, within } from './lib/server.mjs';

const mib = 1024 * 1024;
/** How much the server may grow, at the worst moment of a case and in all cases together, over what it was before the first. */
const growth_max = 64 * mib;
/** The same where sanitizers keep what was freed. */
const sanitized_growth_max = 512 * mib;
const served_ms = 2000 * Number(process.env.TEST_SLOWNESS ?? 1);

let server;
const bystanders = [];
let at_first;
const slow = new Map();

const memory = () => {
  const status = readFileSync(`/proc/${server.pid}/status`, 'latin1');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) * 1024;
  return { now: field('VmRSS'), peak: field('VmHWM'), mapped: field('VmSize') };
};
const forgetPeak = () => writeFileSync(`/proc/${server.pid}/clear_refs`, '5');

const ask = (socket) => new Promise((resolve) => { socket.emit('message-with-ack', 1, resolve); });
async function checkBystanders(during) {
  await within(served_ms, Promise.all(bystanders.map(ask)), `the bystanders' answers ${during}`);
}

before(async () => {
  server = await startServer('matrix');
  const [now] = releases;
  const [old] = oldReleases;
  const packed = `http://127.0.0.1:${server.port + 1}`;
  const options = { reconnection: false, forceNew: true };
  for (const transports of [['websocket'], ['websocket'], ['polling']]) bystanders.push(now.io(server.http, { ...options, transports }));
  bystanders.push(now.io(packed, { ...options, transports: ['websocket'], parser }), old.io(server.http, { ...options, transports: ['websocket'] }));
  await Promise.all(bystanders.map((socket) => event(socket, 'connect')));
  await checkBystanders('before all');
  at_first = memory().now;
  for (const { classes } of chapters) { // what takes its time begins now
    for (const group of classes.filter((one) => one.slow)) {
      for (const one of casesOf(group)) {
        const played = play(server, one, one.expected);
        played.catch(() => {});
        slow.set(`${group.id} ${one.name}`, played);
      }
    }
  }
});
after(async () => {
  for (const socket of bystanders) socket.disconnect();
  await server?.stop();
});

async function run(id, one) {
  forgetPeak();
  const lines = await (slow.get(`${id} ${one.name}`) ?? play(server, one, one.expected, () => checkBystanders(`during ${one.name}`)));
  assert.deepEqual(lines, one.expected);
  assert.ok(server.alive(), 'the server is gone');
  await checkBystanders(`after ${one.name}`);
  const { now, peak, mapped } = memory();
  const most = mapped > 1024 * 1024 * mib ? sanitized_growth_max : growth_max; // nobody else maps terabytes
  assert.ok(now - at_first < most && peak - at_first < most, `grown by ${(now - at_first) / mib} MiB, ${(peak - at_first) / mib} at worst`);
}

const all = chapters.flatMap(({ classes }) => classes);
for (const late of [false, true]) { // the slow ones are awaited last
  for (const { title, classes } of chapters) {
    for (const group of classes.filter((one) => Boolean(one.slow) === late)) {
      describe(`${title}: ${group.id}`, () => {
        for (const one of casesOf(group)) it(one.name, () => run(group.id, one));
      });
    }
  }
}

describe('the corpus', () => {
  it('has at least 150 cases, and no two of one name', () => {
    const names = all.flatMap((group) => casesOf(group).map(({ name }) => `${group.id}: ${name}`));
    assert.ok(names.length >= 150, String(names.length));
    assert.equal(new Set(names).size, names.length);
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  });

  it('is what docs/bad-input.md says', () => {
    const file = new URL('../../docs/bad-input.md', import.meta.url);
    let text = readFileSync(file, 'utf8');
    const tableOf = (title) => new RegExp(`(## ${title}\n\n)((?:\\|.*\n)*)`);
    if (process.env.REWRITE === '1') {
      for (const chapter of chapters) text = text.replace(tableOf(chapter.title), (_, head) => `${head}${table(chapter)}\n`);
      writeFileSync(file, text);
    }
    for (const chapter of chapters) assert.equal(tableOf(chapter.title).exec(text)?.[2], `${table(chapter)}\n`, chapter.title);
    const titles = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    assert.deepEqual(titles.filter((title) => !chapters.some((chapter) => chapter.title === title)), ['What is checked after each case', 'Notes']);
  });
});
