// What runs inside of the page: functions that are sent there as text, so they use nothing from here.

/** A client of Socket.IO says hello, echoes text and bytes, is asked, and leaves. Gives what it saw. */
export async function playSocketIo({ url, options, text }) {
  const within = (what, promise) => Promise.race([promise, new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what}: nothing within 8 s`)), 8000);
  })]);
  const next = (emitter, name) => within(name, new Promise((resolve) => { emitter.once(name, (...args) => resolve(args)); }));
  const socket = window.io(url, { forceNew: true, reconnection: false, withCredentials: true, ...options });
  const ask = (...args) => within(args[0], new Promise((resolve) => { socket.emit(...args, resolve); }));
  const bytes = (value) => [...new Uint8Array(value)];
  const upgraded = () => socket.io.engine.transport.name === 'websocket';
  try {
    const greeting = next(socket, 'auth');
    await Promise.race([next(socket, 'connect'), ...['connect_error', 'error'].map((name) => next(socket, name).then(([error]) => {
      throw new Error(`${name}: ${error && (error.message ?? error)}`);
    }))]);
    await greeting;
    if (options.transports.length === 2 && !upgraded()) await next(socket.io.engine, 'upgrade');
    const { transport, eio, id, app } = await ask('whoami');
    const back = next(socket, 'message-back');
    socket.emit('message', text, { [text]: [text] });
    const echoed = await back;
    const binary = next(socket, 'message-back');
    socket.emit('message', new Uint8Array([0, 1, 30, 58, 128, 255]).buffer, { deep: [new Uint8Array([7]).buffer] });
    const [plain, { deep }] = await binary;
    const made = next(socket, 'binary-back');
    socket.emit('make-binary', 300);
    const [first] = await made;
    socket.on('question', (i, answer) => answer(i));
    const many = [];
    for (let i = 0; i < 50; i++) many.push(ask('message-with-ack', i));
    const seen = {
      transport, eio, app, sameId: id === socket.id, text: echoed, plain: bytes(plain), deep: bytes(deep[0]), made: bytes(first.a[0]).length,
      sum: await ask('ask-many', 20), acks: (await Promise.all(many)).every((got, i) => got === i), big: (await ask('message-with-ack', 'x'.repeat(50000))).length,
    };
    const gone = next(socket, 'disconnect');
    socket.emit('bye', true);
    const [reason] = await gone;
    return { ...seen, reason };
  } finally {
    socket.close();
  }
}

/** A client of Engine.IO speaks Socket.IO by hand: joins, and echoes text and bytes. */
export async function playEngineIo({ url, options, text, eio }) {
  const socket = window.eio(url, { path: '/socket.io', withCredentials: true, ...options });
  socket.binaryType = 'arraybuffer';
  const waiting = [];
  const got = [];
  const next = () => new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no message within 8 s')), 8000);
    if (got.length) resolve(got.shift());
    else waiting.push(resolve);
  });
  const put = (message) => (waiting.length ? waiting.shift()(message) : got.push(message));
  socket.on('message', put);
  socket.on('error', (error) => put(`error ${error.message ?? error}`));
  try {
    if (eio === 4) socket.send('0');
    const joined = await next();
    const greeting = await next();
    if (options.transports.length === 2 && socket.transport.name !== 'websocket') await new Promise((resolve) => { socket.once('upgrade', resolve); });
    socket.send(`2${JSON.stringify(['message', text])}`);
    const echoed = await next();
    socket.send('51-["message",{"_placeholder":true,"num":0}]');
    socket.send(new Uint8Array([0, 1, 30, 255]).buffer);
    const head = await next();
    const data = await next();
    return {
      transport: socket.transport.name, joined: joined.slice(0, 2), greeting, text: JSON.parse(echoed.slice(1))[1], head,
      bytes: [...new Uint8Array(data.base64 ? await (await fetch(`data:;base64,${data.data}`)).arrayBuffer() : data)],
    };
  } finally {
    socket.close();
  }
}
