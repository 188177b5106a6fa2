// What an unmodified @binance/spot makes of an exchange that limits it.
//
// Environment: as in life.mjs. Exit status 0 when everything holds, 1 with the first thing that does not.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RateLimitBanError, Spot, TooManyRequestsError } from '@binance/spot';
import { equal, fields, holds, run, step } from './life.mjs';

// Few enough to be used up in a moment. Whoever is refused more often than this is banned.
const LIMITS = { RIALTO_LIMITS_WEIGHT_1M: '100', RIALTO_LIMITS_ORDERS_10S: '5', RIALTO_LIMITS_REFUSALS_BEFORE_BAN: '3' };
const symbol = 'BTCUSDT';

/** Starts an exchange that allows little, and ends it after `use` has been given its address and the key of alice. */
async function exchange(use) {
  const cwd = mkdtempSync(join(tmpdir(), 'limits-'));
  const mine = Object.entries(process.env).filter(([name]) => !name.startsWith('RIALTO_'));
  const server = spawn(process.env.RIALTO_BINARY, ['run', '--demo', '--listen', '127.0.0.1:0', '--data', join(cwd, 'data')],
    { cwd, env: { ...Object.fromEntries(mine), ...LIMITS }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  try {
    await use(...(await announced(server)));
  } finally {
    server.stdout.resume();
    server.kill('SIGTERM');
    const [status] = await ended;
    rmSync(cwd, { recursive: true });
    equal('its status at the end', status, 0);
  }
}

async function announced(server) {
  let url;
  let keys;
  for await (const line of createInterface({ input: server.stdout })) {
    url ??= /listening on (http:\S+)/.exec(line)?.[1].replace(/\/$/, '');
    const alice = /demo account alice key=(\S+) secret=(\S+)/.exec(line);
    if (alice) keys = { apiKey: alice[1], apiSecret: alice[2] };
    if (url && keys) return [url, keys];
  }
  throw new Error('the exchange ended before it said where it listens');
}

/** Repeats a call until the client refuses it; windows may end meanwhile, so it may take more than a limit. */
async function refused(what, call) {
  for (let tries = 0; tries < 2000; tries += 1) {
    try {
      await call();
    } catch (error) {
      return error;
    }
  }
  throw new Error(`${what} must be refused`);
}

await run(() => exchange(async (basePath, keys) => {
  const { restAPI } = new Spot({ configurationRestAPI: { ...keys, basePath, timeout: 15000 } });
  step('what is used');
  const used = ({ rateLimits }) => rateLimits.map(({ rateLimitType, interval, intervalNum, count }) => [rateLimitType, interval, intervalNum, count > 0]);
  equal('the weight is told', used(await restAPI.time()), [['REQUEST_WEIGHT', 'MINUTE', 1, true]]);
  const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '20000' };
  const placed = used(await restAPI.newOrder(order)).filter(([type]) => type === 'ORDERS');
  equal('the counts of orders', placed, [['ORDERS', 'SECOND', 10, true], ['ORDERS', 'DAY', 1, true]]);

  step('too many orders');
  const tooMany = await refused('orders', () => restAPI.newOrder(order));
  equal('too many orders', [tooMany.constructor.name, tooMany.code], [TooManyRequestsError.name, -1015]);
  const counts = await (await restAPI.rateLimitOrder()).data();
  fields('rateLimitOrder', counts.find((one) => one.interval === 'SECOND'), { rateLimitType: 'ORDERS', limit: 5 });

  step('too many requests, then a ban');
  const heavy = await refused('requests', () => restAPI.depth({ symbol }));
  equal('too many requests', [heavy.constructor.name, heavy.code], [TooManyRequestsError.name, -1003]);
  const errors = [];
  for (let tries = 0; tries < 6; tries += 1) errors.push(await refused('requests', () => restAPI.time()));
  holds('the ban', errors.at(-1) instanceof RateLimitBanError, errors.map((error) => error.constructor.name));
}));
