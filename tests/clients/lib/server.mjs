// Starts the conformance server on free ports and ends it again.
//
// SERVER_BIN is the program's path; SERVER_CMD is a whole command line instead, e.g. for the same app on
// another server: SERVER_CMD="node other/server.js".
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

/** False (STRICTER=0) leaves out what Socket.IO's own server gets wrong, to check the tests against that one. */
export const stricter = process.env.STRICTER !== '0';

const ready_ms = 30_000;
const stop_ms = 5_000 * Number(process.env.TEST_SLOWNESS ?? 1);

function command() {
  if (process.env.SERVER_CMD) return process.env.SERVER_CMD.trim().split(/\s+/);
  if (process.env.SERVER_BIN) return [process.env.SERVER_BIN];
  throw new Error('set SERVER_BIN to the conformance program (or SERVER_CMD to a command line)');
}

function listenOn(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

const closed = (server) => new Promise((resolve) => server.close(resolve));

/** The first of `count` neighbouring ports that were all free a moment ago. */
async function freePorts(count) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const held = [await listenOn(0)];
    const first = held[0].address().port;
    try {
      for (let i = 1; i < count; i++) held.push(await listenOn(first + i));
      return first;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' && error.code !== 'ERR_SOCKET_BAD_PORT') throw error;
    } finally {
      await Promise.all(held.map(closed));
    }
  }
  throw new Error('no three free ports in a row');
}

async function launch([program, ...args], profile, port, env) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env, PORT: String(port), HOST: '127.0.0.1', PROFILE: profile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk) => { errors = (errors + chunk).slice(-20_000); });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const ready = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-20_000);
      if (/^READY/m.test(output)) resolve('ready');
    });
  });
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, ready_ms, 'late'); });
  const first = await Promise.race([ready, ended, late]);
  clearTimeout(timer);
  if (first !== 'ready') {
    child.kill('SIGKILL');
    throw new Error(`${program} did not get ready: ${JSON.stringify(first)}\n${output}${errors}`);
  }
  return { child, ended, errors: () => errors };
}

/**
 * Starts a server of the given profile ('conformance', 'matrix' or 'load').
 * Returns its addresses and stop(), which expects what the contract promises: still alive, and exit code 0
 * within 5 s of SIGTERM. `line` is the command line instead of that of SERVER_BIN or SERVER_CMD.
 */
export async function startServer(profile, env = {}, line = command()) {
  let process_;
  let port;
  for (let attempt = 0; !process_; attempt++) {
    port = await freePorts(3);
    try {
      process_ = await launch(line, profile, port, env);
    } catch (error) { // somebody may have taken the port in between
      if (attempt === 2) throw error;
    }
  }
  const { child, ended, errors } = process_;
  return {
    port,
    pid: child.pid,
    http: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    alive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      assert.ok(this.alive(), `the server ended during the tests (${child.exitCode} ${child.signalCode})\n${errors()}`);
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stop_ms);
      const end = await ended;
      clearTimeout(timer);
      assert.deepEqual(end, { code: 0, signal: null }, `the server did not end cleanly\n${errors()}`);
    },
  };
}

/**
 * Starts the gossamer program (GOSSAMER_BIN, or the command line GOSSAMER_CMD) on any port, as startProgram does.
 */
export async function startGossamer(options = []) {
  const command = process.env.GOSSAMER_CMD?.trim().split(/\s+/) ?? [process.env.GOSSAMER_BIN];
  if (!command[0]) throw new Error('set GOSSAMER_BIN to the gossamer program (or GOSSAMER_CMD to a command line)');
  return startProgram([...command, '--port', '0', ...options]);
}

/**
 * Starts a program that says `listening http://127.0.0.1:PORT`.
 * Returns its address and stop(), which expects exit code 0.
 */
export async function startProgram([program, ...args], env = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  let output = '';
  const listening = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-20_000);
      const found = /^listening (http:\/\/127\.0\.0\.1:\d+)/m.exec(output);
      if (found) resolve(found[1]);
    });
  });
  const url = await within(30_000, Promise.race([listening, ended]), `start of ${program}`);
  if (typeof url !== 'string') throw new Error(`${program}: ${JSON.stringify(url)}\n${output}`);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      assert.deepEqual(await within(30_000, ended, 'end of the server'), { code: 0, signal: null });
    },
  };
}

/** The promise, or an error that names `what` after `ms`. */
export async function within(ms, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The arguments of the next `name` of an emitter. */
export const event = (emitter, name, ms = 5000) => within(ms, once(emitter, name), `event ${name}`);

/** A name nobody else uses: for tags and rooms. */
let counter = 0;
export const unique = (word) => `${word}-${process.pid}-${++counter}`;
