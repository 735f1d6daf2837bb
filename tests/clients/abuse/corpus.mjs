// Every class of bad input with its cases, and the table of docs/bad-input.md.
import { engine } from './engine.mjs';
import { http } from './http.mjs';
import { msgpack } from './msgpack.mjs';
import { old } from './old.mjs';
import { packets } from './packets.mjs';
import { shorter } from './stage.mjs';
import { websocket } from './websocket.mjs';

/** {title, classes}: a class is {id, input, where, ends, cases, mask?, hide?, slow?}; a case is [name, steps, answers before the end, more]. */
export const chapters = [
  { title: 'HTTP', classes: http },
  { title: 'WebSocket', classes: websocket },
  { title: 'Engine.IO', classes: engine },
  { title: 'Engine.IO revision 3, Socket.IO protocol 4', classes: old },
  { title: 'Socket.IO', classes: packets },
  { title: 'msgpack', classes: msgpack },
];

/** The cases of a class as {name, where, steps, expected}. */
export const casesOf = (group) => group.cases.map(([name, steps, answers = [], more = {}]) => (
  { name, where: group.where, mask: group.mask, hide: group.hide, slow: group.slow, steps, expected: [...answers, ...group.ends].map(shorter), ...more }));

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\x1e', '<RS>');

/** A row for each class. */
export const table = ({ classes }) => ['| class | input | over | answer |', '|---|---|---|---|',
  ...classes.map(({ id, input, where, ends }) => cell(`${id} ~ ${input} ~ ${where} ~ ${ends.map((line) => `\`${line}\``).join(', ')}`))
    .map((row) => `| ${row.split(' ~ ').join(' | ')} |`)].join('\n');
