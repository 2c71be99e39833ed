// What PouchDB 9 takes over express-pouchdb for what `bench sync` measures: a first sync of 100,000 customers, a delta of
// 1,000, nothing to do, and a change that becomes visible. Both ends on LevelDB, over loopback.
//   node measure.js [customers]
// Prints one line of JSON with the figures as text.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import PouchCore from 'pouchdb-core';
import http from 'pouchdb-adapter-http';
import leveldb from 'pouchdb-adapter-leveldb';
import mapreduce from 'pouchdb-mapreduce';
import replication from 'pouchdb-replication';

const SERVE = 'serve';
const CHANGED = 1_000;
const NOTHINGS = 20;
const LIVE = 200;
const BATCH = 1_000;
const PouchDB = PouchCore.plugin(http).plugin(leveldb).plugin(mapreduce).plugin(replication);

const id = (number) => `c-${String(number).padStart(7, '0')}`;

// As the other engines' customers: about 274 bytes of JSON.
function customer(number, round) {
  const mixed = (number * 2_654_435_761 + round) % 4_294_967_296;
  return {
    _id: id(number),
    name: { given: 'Beatriz', family: 'Ferreira' },
    email: `beatriz.ferreira${number}@example.com`,
    phone: { raw: `9${String(mixed).padStart(8, '0')}`, e164: `+3519${String(mixed).padStart(8, '0')}` },
    card: String(mixed).padStart(13, '0'),
    home_store: '1',
    tier: 'silver',
    since: '2021-04-05T10:00:00Z',
    points: round,
  };
}

async function serve(folder, customers) {
  const { default: express } = await import('express');
  const { default: expressPouch } = await import('express-pouchdb');
  const Served = PouchDB.defaults({ prefix: `${folder}/` });
  const database = new Served('store');
  for (let from = 0; from < customers; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, customers - from) }, (_, n) => from + n);
    await database.bulkDocs(numbers.map((number) => customer(number, 0)));
  }
  const app = express();
  app.use('/', expressPouch(Served, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'log') }));
  const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

// Forwards to a port and counts the bytes of both directions.
async function counter(port) {
  const counts = { up: 0, down: 0 };
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
    }
    client.on('data', (bytes) => (counts.up += bytes.length));
    upstream.on('data', (bytes) => (counts.down += bytes.length));
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const take = () => {
    const sum = counts.up + counts.down;
    counts.up = counts.down = 0;
    return sum;
  };
  return { port: server.address().port, take };
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const middle = (times, percent) => {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
};
const ms = (time) => `${time.toFixed(1)} ms`;

async function change(remote, customers, round) {
  const step = Math.max(1, Math.floor(customers / CHANGED));
  const keys = Array.from({ length: CHANGED }, (_, n) => n * step);
  const { rows } = await remote.allDocs({ keys: keys.map(id) });
  await remote.bulkDocs(keys.map((number, n) => ({ ...customer(number, round), _rev: rows[n].value.rev })));
}

// Puts one change after the other, and waits for each in the copy.
async function live(remote, local) {
  const waiting = new Map();
  const replicating = local.replicate.from(remote, { live: true, retry: true });
  const changes = local.changes({ live: true, since: 'now' });
  changes.on('change', ({ id: changed }) => waiting.get(changed)?.());
  const times = [];
  for (let number = 0; number < LIVE; number += 1) {
    const name = `live-${number}`;
    times.push(
      await timed(async () => {
        const seen = new Promise((resolve) => waiting.set(name, resolve));
        await remote.put({ _id: name, text: 'Asked for size 39 of the green tent' });
        await seen;
      }),
    );
  }
  changes.cancel();
  replicating.cancel();
  return times.slice(LIVE / 10);
}

async function measure(folder, customers) {
  const server = fork(fileURLToPath(import.meta.url), [SERVE, join(folder, 'server'), String(customers)]);
  try {
    const [port] = await once(server, 'message');
    const counted = await counter(port);
    const remote = new PouchDB(`http://127.0.0.1:${port}/store`);
    const over = new PouchDB(`http://127.0.0.1:${counted.port}/store`);
    const local = new PouchDB(join(folder, 'client'));
    const pull = (from) => local.replicate.from(from, { batch_size: BATCH });
    const first = await timed(() => pull(over));
    const firstBytes = counted.take();
    await change(remote, customers, 1);
    const delta = await timed(() => pull(over));
    const deltaBytes = counted.take();
    const nothings = [];
    for (let number = 0; number < NOTHINGS; number += 1) {
      nothings.push(await timed(() => pull(over)));
    }
    const nothingBytes = counted.take() / NOTHINGS;
    const times = await live(remote, local);
    return {
      first: `${(first / 1_000).toFixed(1)} s, ${(firstBytes / 1e6).toFixed(1)} MB`,
      delta: ms(delta),
      nothing: ms(middle(nothings, 50)),
      delta_bytes: `${Math.round(deltaBytes / CHANGED)} B each`,
      nothing_bytes: `${Math.round(nothingBytes)} B`,
      live_p50: ms(middle(times, 50)),
      live_p99: ms(middle(times, 99)),
    };
  } finally {
    server.kill();
  }
}

if (process.argv[2] === SERVE) {
  const [folder, customers] = process.argv.slice(3);
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder, { recursive: true });
  await serve(folder, Number(customers));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'pouchdb-'));
  try {
    console.log(JSON.stringify(await measure(folder, Number(process.argv[2] ?? 100_000))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
}
