// Chromium plays the chat page: two people in two tabs, then one on a phone.
//
// GOSSAMER_BIN is the server program (or GOSSAMER_CMD a command line), GOSSAMER_CLIENT_DIR the folder of the browser
// client it serves. With SCREENSHOT_DIR set, chat.png and chat-phone.png are written there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(folder, '../..');

function serverCommand() {
  if (process.env.GOSSAMER_CMD) return process.env.GOSSAMER_CMD.trim().split(/\s+/);
  if (process.env.GOSSAMER_BIN) return [process.env.GOSSAMER_BIN];
  throw new Error('set GOSSAMER_BIN to the gossamer program (or GOSSAMER_CMD to a command line)');
}

/** Starts the server on the given port (0: any) and resolves once it has said where it listens. */
function startServer(port = 0) {
  const [program, ...first] = serverCommand();
  const clientDir = process.env.GOSSAMER_CLIENT_DIR ?? path.join(root, 'tests/clients/node_modules/socket.io/client-dist');
  const args = [...first, '--port', String(port), '--client-dir', clientDir, '--web-dir', path.join(root, 'examples/chat/web')];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk) => { output = (output + chunk).slice(-20_000); });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const listening = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-20_000);
      const found = /^listening (http:\/\/127\.0\.0\.1:(\d+))/m.exec(output);
      if (found) resolve({ url: found[1], port: Number(found[2]) });
    });
  });
  const stop = async () => {
    assert.ok(child.exitCode === null && child.signalCode === null, `the server ended by itself\n${output}`);
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    const end = await ended;
    clearTimeout(timer);
    assert.deepEqual(end, { code: 0, signal: null }, output);
  };
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, 30_000, { error: 'not listening within 30 s' }); });
  return Promise.race([listening, ended, late]).then((result) => {
    clearTimeout(timer);
    if (result.url) return { ...result, stop };
    child.kill('SIGKILL');
    throw new Error(`${program}: ${JSON.stringify(result)}\n${output}`);
  });
}

describe('chat page', () => {
  let server;
  let browser;
  let contexts = [];
  const complaints = [];

  before(async () => {
    server = await startServer();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    assert.deepEqual(complaints.splice(0), [], 'errors of the page');
  });

  const desk = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' };
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: 'dark' };

  async function enter(name, options = desk) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(server.url);
    await page.fill('#name', name);
    await page.click('#hello button');
    await page.waitForSelector('#state[data-state=online]', { state: 'attached' });
    return page;
  }
  const joinRoom = async (page, room) => {
    await page.fill('#room-name', room);
    await page.press('#room-name', 'Enter');
    await page.waitForFunction((name) => document.querySelector('#room-title').textContent === name, room);
  };
  const say = async (page, text) => {
    await page.fill('#text', text);
    await page.click('#say button');
    await shows(page, text);
  };
  const shows = (page, text) => page.locator('#log .line:not(.pending) .bubble', { hasText: text }).last().waitFor();
  const people = async (page, names) => page.waitForFunction(
    (expected) => [...document.querySelectorAll('ul#people .name')].map((node) => node.textContent).join() === expected, names.join());
  const picture = async (page, name) => {
    if (process.env.SCREENSHOT_DIR) await page.screenshot({ path: path.join(process.env.SCREENSHOT_DIR, name), animations: 'disabled' });
  };

  it('lets two people meet, type, talk and leave', async () => {
    const [ada, grace] = [await enter('Ada Lovelace'), await enter('Grace Hopper')];
    await Promise.all([joinRoom(ada, 'engine room'), joinRoom(grace, 'engine room')]);
    await Promise.all([ada, grace].map((page) => people(page, ['Ada Lovelace', 'Grace Hopper'])));

    await grace.type('#text', 'I am');
    await ada.waitForFunction(() => document.querySelector('#typing').textContent === 'Grace Hopper is typing');
    await grace.fill('#text', '');
    await ada.waitForFunction(() => document.querySelector('#typing').textContent === '');

    await say(ada, 'Hello <b>Grace</b> \u{1F44B}');
    await shows(grace, 'Hello <b>Grace</b> \u{1F44B}');
    assert.equal(await grace.locator('#log b').count(), 0, 'text stays text');
    await say(grace, 'two\nlines');
    await shows(ada, 'two');
    assert.match(await ada.locator('#log .line').last().locator('time').textContent(), /^\d\d:\d\d$/);

    await grace.context().close();
    contexts = contexts.filter((context) => context !== grace.context());
    await people(ada, ['Ada Lovelace']);
    await ada.locator('#log .note', { hasText: 'Grace Hopper left' }).waitFor();
  });

  it('stops showing who types three seconds after the last key', async () => {
    const [ada, grace] = [await enter('Ada'), await enter('Grace')];
    await grace.type('#text', 'hm');
    await ada.waitForFunction(() => document.querySelector('#typing').textContent === 'Grace is typing');
    await ada.waitForFunction(() => document.querySelector('#typing').textContent === '');
  });

  it('counts what is said in other rooms', async () => {
    const [ada, grace] = [await enter('Ada'), await enter('Grace')];
    await joinRoom(ada, 'quiet');
    await say(grace, 'one');
    await say(grace, 'two');
    const lobby = ada.locator('#mine .room', { hasText: 'lobby' });
    await lobby.locator('b', { hasText: '2' }).waitFor();
    assert.match(await ada.title(), /^\(2\) /);
    await lobby.click();
    await shows(ada, 'two');
    assert.equal(await lobby.locator('b').count(), 0);
  });

  it('keeps two people from one name, and says why a name is bad', async () => {
    await enter('Ada');
    const context = await browser.newContext(desk);
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(server.url);
    for (const [name, answer] of [['ADA', 'This name is taken.'], ['   ', 'A name has 1 to 24 characters.']]) {
      await page.fill('#name', name);
      await page.click('#hello button');
      await page.locator('#hello-error', { hasText: answer }).waitFor();
    }
  });

  it('shows a newcomer what was said, and comes back after a reload', async () => {
    const ada = await enter('Ada');
    await joinRoom(ada, 'memory');
    await say(ada, 'remember this');
    const grace = await enter('Grace');
    await joinRoom(grace, 'memory');
    await shows(grace, 'remember this');
    await grace.reload();
    await shows(grace, 'remember this');
    await people(ada, ['Ada', 'Grace']);
  });

  it('comes back by itself when the server was away', async () => {
    const ada = await enter('Ada');
    await joinRoom(ada, 'phoenix');
    const { port } = server;
    await server.stop();
    await ada.waitForSelector('#offline:not([hidden])');
    assert.equal(await ada.locator('#say button').isDisabled(), true);
    server = await startServer(port);
    await ada.waitForSelector('#state[data-state=online]');
    await say(ada, 'still here');
    assert.equal(await ada.locator('#room-title').textContent(), 'phoenix');
  });

  const talk = [
    ['g', 'Morning! The new lanes are up on both cores.'],
    ['k', 'Nice. How does the fan-out look?'],
    ['g', 'One thousand tabs in a room, one frame encoded once, and everybody gets a pointer to it.'],
    ['g', 'The fans have not even started \u{1F60C}'],
    ['a', 'I opened the page on my phone on the train. It came back by itself after every tunnel.'],
    ['k', 'Then let us write the release notes?'],
    ['a', 'On it. First line: “Your existing clients connect unchanged.”'],
    ['g', '\u{1F60E}'],
  ];

  it('looks right on a desk and on a phone', async () => {
    const [ada, grace, katherine] = [await enter('Ada Lovelace'), await enter('Grace Hopper'), await enter('Katherine Johnson', phone)];
    const pages = { a: ada, g: grace, k: katherine };
    for (const page of [ada, grace]) for (const room of ['release notes', 'off topic']) await joinRoom(page, room);
    await joinRoom(grace, 'bug hunters');
    await ada.locator('#mine .room', { hasText: 'lobby' }).click();
    await grace.locator('#mine .room', { hasText: 'lobby' }).click();
    await Promise.all(Object.values(pages).map((page) => people(page, ['Ada Lovelace', 'Grace Hopper', 'Katherine Johnson'])));
    for (const [who, text] of talk) {
      await say(pages[who], text);
      for (const page of Object.values(pages)) await shows(page, text);
    }
    await grace.locator('#mine .room', { hasText: 'off topic' }).click();
    await say(grace, 'Tea?');
    await ada.locator('#mine .room', { hasText: 'off topic' }).locator('b').waitFor();
    await grace.locator('#mine .room', { hasText: 'lobby' }).click();
    await grace.type('#text', 'And one more thing');
    for (const page of [ada, katherine]) await page.waitForFunction(() => document.querySelector('#typing').textContent.includes('is typing'));
    await picture(ada, 'chat.png');
    await picture(katherine, 'chat-phone.png');

    for (const page of [ada, katherine]) {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, 'nothing is wider than the page');
    }
    await katherine.click('#show-rooms');
    await katherine.locator('#rooms-pane.shown').waitFor();
    await picture(katherine, 'chat-phone-rooms.png');
    await katherine.locator('#open .room', { hasText: 'release notes' }).click();
    await katherine.waitForFunction(() => document.querySelector('#room-title').textContent === 'release notes');
    const box = await katherine.locator('#say').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y + box.height <= 844, 'the composer is on the screen');
  });
});
