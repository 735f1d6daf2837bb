// A TCP connection whose answers, of HTTP or of a WebSocket, become lines.
import net from 'node:net';
import { frame } from './bytes.mjs';

/** How long a line may take. */
export const patience_ms = 4000 * Number(process.env.TEST_SLOWNESS ?? 1);

/** Lines that arrive, to be awaited one at a time. */
class Lines {
  #items = [];
  #wake = () => {};
  put(line) { this.#items.push(line); this.#wake(); }
  async take(ms = patience_ms) {
    if (!this.#items.length) {
      let timer;
      await new Promise((resolve) => { this.#wake = resolve; timer = setTimeout(resolve, ms); });
      clearTimeout(timer);
    }
    return this.#items.length ? this.#items.shift() : 'silence';
  }
}

/** A TCP connection: the answers of HTTP, and once one is 101 the frames of a WebSocket. */
export class Connection {
  constructor(port) {
    this.lines = new Lines();
    this.rest = Buffer.alloc(0);
    this.websocket = false;
    this.end = 'close';
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (data) => this.#read(data));
    let ended = false;
    const end = (line) => { if (!ended) this.lines.put(line); ended = true; };
    this.socket.on('end', () => end(this.end));
    this.socket.on('error', (error) => end(error.code === 'EPIPE' ? this.end : error.code));
    this.socket.on('close', () => end(this.end));
  }
  write(bytes) { return new Promise((resolve) => { this.socket.write(bytes, 'latin1', resolve); }); }
  destroy() { this.socket.destroy(); }

  #read(data) {
    this.rest = Buffer.concat([this.rest, data]);
    while (this.websocket ? this.#frame() : this.#answer());
  }
  #answer() {
    const end = this.rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const text = this.rest.subarray(0, end).toString('latin1');
    const found = this.#body(text, end + 4);
    if (!found) return false;
    const body = found.bytes.toString();
    this.rest = this.rest.subarray(found.end);
    const status = text.slice(9, 12);
    this.websocket = status === '101';
    this.lines.put(body ? `${status} ${body}` : status);
    return true;
  }
  /** The body that begins at `at`: its bytes and where it ends, or nothing while it is not complete. */
  #body(head, at) {
    if (!/^transfer-encoding: *chunked/im.test(head)) {
      const end = at + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      return end <= this.rest.length && { bytes: this.rest.subarray(at, end), end };
    }
    const chunks = [];
    for (let from = at; ;) {
      const line = this.rest.indexOf('\r\n', from);
      const size = parseInt(this.rest.subarray(from, line).toString('latin1'), 16);
      const end = line + 2 + size + 2;
      if (line < 0 || end > this.rest.length) return undefined;
      if (size === 0) return { bytes: Buffer.concat(chunks), end };
      chunks.push(this.rest.subarray(line + 2, end - 2));
      from = end;
    }
  }
  #frame() {
    const b = this.rest;
    if (b.length < 2) return false;
    const code = b[1] & 127;
    const start = code === 126 ? 4 : code === 127 ? 10 : 2;
    if (b.length < start) return false;
    const size = code === 126 ? b.readUInt16BE(2) : code === 127 ? Number(b.readBigUInt64BE(2)) : code;
    if (b.length < start + size) return false;
    const payload = b.subarray(start, start + size);
    this.rest = b.subarray(start + size);
    this.#line(b[0] & 15, payload);
    return true;
  }
  #line(opcode, payload) {
    if (opcode === 1) {
      const text = payload.toString();
      if (text === '2' && this.pongs) this.socket.write(frame(1, '3').raw);
      else this.lines.put(text);
    } else if (opcode === 2) {
      this.lines.put(payload);
    } else if (opcode === 8) {
      this.end = ['close', ...(payload.length ? [payload.readUInt16BE(0)] : []), ...(payload.length > 2 ? [payload.subarray(2)] : [])].join(' ');
    } else if (opcode === 10) {
      this.lines.put(`pong ${payload}`);
    }
  }
}
