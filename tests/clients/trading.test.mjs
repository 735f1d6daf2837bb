// The trading example (TRADING_BIN): typed acks, an application's errors, a question to the client, and books that balance.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { releases } from './lib/deps.mjs';
import { event, startProgram, within } from './lib/server.mjs';

let server;
const open = [];
before(async () => {
  if (!process.env.TRADING_BIN) throw new Error('set TRADING_BIN to the program of examples/trading');
  server = await startProgram([process.env.TRADING_BIN], { PORT: '0' });
});
after(() => {
  for (const socket of open) socket.disconnect();
  return server?.stop();
});

async function connect(which = 0) {
  const socket = releases[which].io(server.url, { forceNew: true, reconnection: false });
  open.push(socket);
  socket.fills = [];
  socket.on('filled', (fill) => socket.fills.push(fill));
  await event(socket, 'connect');
  return socket;
}
const ask = (socket, ...args) =>
  within(10_000, new Promise((resolve) => { socket.emit(...args, resolve); }), `answer to ${args[0]}`);
const order = (symbol, side, price, quantity) => ({ symbol, side, price, quantity });

it('matches the best price first, then the oldest order', async () => {
  const [a, b, c] = await Promise.all([connect(), connect(1), connect()]);
  await ask(a, 'place', order('ABC', 'sell', 101, 5));
  const first = await ask(a, 'place', order('ABC', 'sell', 100, 5));
  const second = await ask(b, 'place', order('ABC', 'sell', 100, 5));
  assert.deepEqual(await ask(c, 'watch', 'ABC'),
    { bids: [], asks: [{ price: 100, quantity: 10 }, { price: 101, quantity: 5 }] });
  const trades = [];
  c.on('traded', (trade) => trades.push([trade.price, trade.quantity]));
  const taken = await ask(c, 'place', order('ABC', 'buy', 101, 12));
  assert.deepEqual({ filled: taken.filled, open: taken.open }, { filled: 12, open: 0 });
  assert.deepEqual(c.fills.map((f) => [f.price, f.quantity, f.open]), [[100, 5, 7], [100, 5, 2], [101, 2, 0]]);
  assert.deepEqual(trades, [[100, 5], [100, 5], [101, 2]]);
  await ask(a, 'watch', 'ABC');
  await ask(b, 'watch', 'ABC');
  assert.deepEqual(a.fills.map((f) => [f.id === first.id, f.quantity]), [[true, 5], [false, 2]]);
  assert.deepEqual(b.fills, [{ id: second.id, price: 100, quantity: 5, open: 0 }]);
});

it('answers with its own errors', async () => {
  const [a, b] = await Promise.all([connect(), connect()]);
  const code = async (socket, ...args) => (await ask(socket, ...args)).error?.code;
  assert.equal(await code(a, 'place', order('abc', 'buy', 1, 1)), 'bad_symbol');
  assert.equal(await code(a, 'place', order('ERR', 'hold', 1, 1)), 'bad_side');
  assert.equal(await code(a, 'place', order('ERR', 'buy', 0, 1)), 'bad_price');
  assert.equal(await code(a, 'place', order('ERR', 'buy', 1, -1)), 'bad_quantity');
  assert.equal(await code(a, 'place', order('ERR', 'buy', 1.5, 1)), 'bad_arguments');
  assert.equal(await code(a, 'place', 'ERR'), 'bad_arguments');
  const { id } = await ask(a, 'place', order('ERR', 'buy', 1, 3));
  assert.equal(await code(b, 'cancel', id), 'no_such_order');
  assert.equal(await ask(a, 'cancel', id), 3);
  assert.equal(await code(a, 'cancel', id), 'no_such_order');
});

it('asks before it takes a large order, and works off what comes meanwhile afterwards', async () => {
  const a = await connect();
  let say;
  const asked = new Promise((resolve) => { a.once('confirm', (what, answer) => { say = answer; resolve(what); }); });
  const large = ask(a, 'place', order('BIG', 'buy', 7, 20_000));
  const small = ask(a, 'place', order('BIG', 'buy', 7, 1));
  assert.deepEqual(await within(5000, asked, 'the question'), order('BIG', 'buy', 7, 20_000));
  say(true);
  assert.ok((await large).id < (await small).id);
  a.once('confirm', (what, answer) => answer(false));
  assert.equal((await ask(a, 'place', order('BIG', 'buy', 7, 20_000))).error.code, 'not_confirmed');
  assert.equal((await ask(a, 'place', order('BIG', 'buy', 7, 20_000))).error.code, 'not_confirmed'); // no answer
});

it('takes the orders of a client back that is gone', async () => {
  const [a, b] = await Promise.all([connect(), connect()]);
  await ask(a, 'place', order('GONE', 'sell', 5, 5));
  assert.equal((await ask(b, 'watch', 'GONE')).asks.length, 1);
  a.disconnect();
  await within(10_000, (async () => { while ((await ask(b, 'watch', 'GONE')).asks.length !== 0); })(), 'an empty book');
});

it('sells what is bought, whoever trades with whom', async () => {
  const traders = await Promise.all(Array.from({ length: 8 }, (_, i) => connect(i % releases.length)));
  let random = 12345;
  const below = (n) => { random = (random * 1103515245 + 12345) % 2147483648; return random % n; };
  const position = new Map(); // of each order: +1 buys, -1 sells
  const seen = [];
  traders[0].on('traded', (trade) => seen.push(trade.quantity));
  await ask(traders[0], 'watch', 'SUM');
  const answers = [];
  for (let i = 0; i < 400; i++) {
    const side = below(2) ? 'buy' : 'sell';
    answers.push(ask(traders[below(8)], 'place', order('SUM', side, 95 + below(10), 1 + below(20)))
      .then((placed) => { if (!placed.error) position.set(placed.id, side === 'buy' ? 1 : -1); }));
  }
  await Promise.all(answers);
  for (const trader of traders) await ask(trader, 'watch', 'SUM'); // what was on its way has come
  let net = 0;
  let bought = 0;
  for (const { fills } of traders) {
    for (const { id, quantity } of fills) {
      net += position.get(id) * quantity;
      if (position.get(id) > 0) bought += quantity;
    }
  }
  assert.equal(net, 0);
  assert.ok(bought > 0);
  assert.equal(seen.reduce((sum, quantity) => sum + quantity, 0), bought);
});
