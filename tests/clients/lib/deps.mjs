// The npm packages of the tests, with a readable answer where they are not installed.
async function load(name) {
  try {
    return await import(name);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(`package ${name} is missing, install it with: npm ci --prefix tests/clients`);
  }
}

const connectOf = (module) => module.io ?? module.default.io ?? module.default;

export const WebSocket = (await load('ws')).WebSocket;
export const engine = await load('engine.io-client');

/** Every release of socket.io-client under test, newest first: name and connect function. */
export const releases = [
  { name: '4.8', io: connectOf(await load('socket.io-client')) },
  { name: '4.5', io: connectOf(await load('sio45')) },
  { name: '3.1', io: connectOf(await load('sio31')) },
];

/** The releases of Engine.IO revision 3, and its Engine.IO client. */
export const oldReleases = [
  { name: '2.5', io: connectOf(await load('sio25')) },
  { name: '1.7', io: connectOf(await load('sio17')) },
];
export const oldEngine = (await load('eio35')).default;
