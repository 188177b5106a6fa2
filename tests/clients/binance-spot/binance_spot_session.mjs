// Keys that sign with Ed25519 and RSA, and a connection that is logged on with one, through an unmodified @binance/spot.
//
// Environment: as in life.mjs, RIALTO_BINARY and RIALTO_DATA. Exit status 0 when everything holds, 1 with the first thing
// that does not.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spot } from '@binance/spot';
import { SOCKETS, URL, equal, eventually, fields, holds, run, step, units } from './life.mjs';

// The client reports each connection otherwise.
process.env.LOG_LEVEL ??= 'warn';
const ALICE = '1000';
const symbol = 'BTCUSDT';

/** Registers a public key as an operator does, beside the running exchange; gives what a client signs with. */
function register(label, { publicKey, privateKey }) {
  const directory = mkdtempSync(join(tmpdir(), 'key-'));
  const file = join(directory, 'public.pem');
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
  const words = ['keys', 'add', '--data', process.env.RIALTO_DATA, '--account', ALICE, '--label', label, '--public-key', file];
  const mine = Object.entries(process.env).filter(([name]) => !name.startsWith('RIALTO_'));
  const said = execFileSync(process.env.RIALTO_BINARY, words, { env: Object.fromEntries(mine), encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  return { apiKey: /key=(\S+)/.exec(said)[1], privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

async function overRest(keys) {
  const { restAPI } = new Spot({ configurationRestAPI: { ...keys, basePath: URL, timeout: 15000 } });
  // A running exchange learns of a new key within seconds.
  const account = await eventually('the key is known', async () => {
    try {
      return await (await restAPI.getAccount()).data();
    } catch (error) {
      holds('a key that is not known yet', error.code === -2015, error.message);
      return null;
    }
  });
  holds('alice has BTC', units(account.balances.find(({ asset }) => asset === 'BTC').free) > 0n);
  const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '20000', newClientOrderId: 'a/b:c' };
  fields('an order', await (await restAPI.newOrder(order)).data(), { status: 'NEW', clientOrderId: 'a/b:c' });
  fields('cancelled', await (await restAPI.deleteOrder({ symbol, origClientOrderId: 'a/b:c' })).data(), { status: 'CANCELED' });
}

async function loggedOn(keys) {
  const connection = await new Spot({ configurationWebsocketAPI: { ...keys, wsURL: `${SOCKETS}/ws-api/v3` } }).websocketAPI.connect();
  const [logon] = await connection.sessionLogon();
  fields('sessionLogon', logon.data, { apiKey: keys.apiKey });
  fields('sessionStatus', (await connection.sessionStatus()).data, { apiKey: keys.apiKey });
  const { response, stream } = await connection.userDataStreamSubscribe();
  equal('userDataStreamSubscribe', response.data, { subscriptionId: 0 });
  const told = [];
  stream.on('message', (event) => told.push(event));

  // From here on nothing is signed any more.
  const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.002', price: '20000' };
  const { orderId } = (await connection.orderPlace(order)).data;
  await eventually('the order is told', () => told.some((one) => one.e === 'executionReport' && one.x === 'NEW' && one.i === orderId));
  equal('openOrdersStatus', (await connection.openOrdersStatus()).data.map((one) => one.orderId), [orderId]);
  fields('orderCancel', (await connection.orderCancel({ symbol, orderId })).data, { status: 'CANCELED' });
  await eventually('the cancel is told', () => told.some((one) => one.e === 'executionReport' && one.x === 'CANCELED' && one.i === orderId));
  await connection.sessionLogout();
  fields('sessionStatus after sessionLogout', (await connection.sessionStatus()).data, { apiKey: null });
  await connection.disconnect();
}

await run(async () => {
  const pairs = { ed25519: generateKeyPairSync('ed25519'), rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }) };
  for (const [kind, pair] of Object.entries(pairs)) {
    step(`${kind}: REST, session`);
    const keys = register(kind, pair);
    await overRest(keys);
    await loggedOn(keys);
  }
});
