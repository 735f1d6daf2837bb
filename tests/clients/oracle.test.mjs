// The whole contract against Socket.IO's own server: oracle/app.mjs (socket.io from npm) and the conformance app get the
// same bytes, and what comes back has to be the same: statuses, header fields, bodies, frames, ids aside. What may differ is in
// oracle/differences.mjs with its reason, and nothing else; docs/node-differences.md shows it (REWRITE=1 writes that page).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer, within } from './lib/server.mjs';
import { differences, general, page } from './oracle/differences.mjs';
import { packets } from './oracle/packets.mjs';
import { requests } from './oracle/requests.mjs';
import { sessions } from './oracle/sessions.mjs';
import { Talk } from './oracle/talk.mjs';

let ours;
let node;
before(async () => {
  const app = fileURLToPath(new URL('oracle/app.mjs', import.meta.url));
  [ours, node] = await Promise.all([startServer('matrix'), startServer('matrix', {}, [process.execPath, app])]);
});
after(() => Promise.all([ours?.stop(), node?.stop()]));

async function linesOf(server, run) {
  const talk = new Talk(server);
  try {
    await within(30_000, run(talk), 'the conversation');
  } catch (error) {
    talk.say(`failed: ${error.message}`);
  } finally {
    await talk.end();
  }
  return talk.lines;
}

const brokeOff = (lines) => lines.some((line) => line.startsWith('failed: '));

/** The lines of both servers. Where a conversation broke off it is tried once more: either server closes who takes 1.5 s to join. */
async function played(run) {
  const both = () => Promise.all([linesOf(ours, run), linesOf(node, run)]);
  const lines = await both();
  return lines.some(brokeOff) ? both() : lines;
}

/** What is in the first list and not in the second, counting how often. */
function without(list, other) {
  const left = [...other];
  return list.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const single = (request) => async (talk) => {
  for (const one of [request].flat()) await talk.request(`${one.method ?? 'GET'} ${one.path}`, one);
};
const scenarios = {
  'requests': Object.fromEntries(Object.entries(requests).map(([name, request]) => [name, single(request)])),
  'sessions': sessions,
  'packets': packets,
};
const known = new Map(differences.flatMap((one) => one.where.map((where) => [where, one])));

for (const [part, runs] of Object.entries(scenarios)) {
  describe(part, { concurrency: 6 }, () => {
    for (const [name, run] of Object.entries(runs)) {
      it(name, async () => {
        const [here, all] = await played(run);
        const there = all.filter((line) => !general.some((one) => one.node.test(line)));
        const differs = known.get(name);
        if (!differs) return assert.deepEqual(here, there);
        return assert.deepEqual({ ours: without(here, there), node: without(there, here) }, { ours: differs.ours, node: differs.node });
      });
    }
  });
}

describe('differences', () => {
  it('are of conversations that exist', () => {
    const names = new Set(Object.values(scenarios).flatMap((all) => Object.keys(all)));
    assert.deepEqual([...known.keys()].filter((name) => !names.has(name)), []);
  });
  it('are all in docs/node-differences.md', () => {
    const file = fileURLToPath(new URL('../../docs/node-differences.md', import.meta.url));
    const text = page();
    if (process.env.REWRITE === '1') writeFileSync(file, text);
    assert.equal(readFileSync(file, 'utf8'), text);
  });
});
