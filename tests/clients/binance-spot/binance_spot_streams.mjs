// Market streams that show a state, seen through an unmodified @binance/spot: what they tell must be what the trades made.
//
// Environment: as in life.mjs. Exit status 0 when everything holds, 1 with the first thing that does not.

import { Spot } from '@binance/spot';
import { KEYS, SOCKETS, URL, cost, equal, eventually, fields, run, step, units } from './life.mjs';

// The client reports each connection otherwise.
process.env.LOG_LEVEL ??= 'warn';
const symbol = 'BTCUSDT';
const lower = { symbol: 'btcusdt' };

function client(keys) {
  return new Spot({ configurationRestAPI: { ...keys, basePath: URL, timeout: 15000 }, configurationWebsocketStreams: { wsURL: SOCKETS } });
}

/** All that a stream of the client told, each with what it tells about this market. */
function collect(stream) {
  const told = [];
  stream.on('message', (message) => {
    for (const one of [message].flat()) if ((one.s ?? symbol) === symbol) told.push(one.k ? { ...one, ...one.k } : one);
  });
  return told;
}

async function newest(what, told, wanted) {
  const good = (one) => Object.entries(wanted).every(([field, value]) =>
    one[field] !== undefined && (typeof value === 'bigint' ? units(one[field]) === value : one[field] === value));
  await eventually(what, () => told.some(good)).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(told.at(-1))}`);
  });
}

await run(async () => {
  step('aggTrade, kline, klineOffset, miniTicker, allMiniTicker, ticker, rollingWindowTicker, avgPrice, partialBookDepth');
  const [alice, bob] = [client(KEYS.alice), client(KEYS.bob)];
  const connection = await alice.websocketStreams.connect();
  const subscriptions = {
    aggTrade: () => connection.aggTrade(lower),
    kline: () => connection.kline({ ...lower, interval: '1d' }),
    klineOffset: () => connection.klineOffset({ ...lower, interval: '1d' }),
    miniTicker: () => connection.miniTicker(lower),
    allMiniTicker: () => connection.allMiniTicker(),
    ticker: () => connection.ticker(lower),
    rollingWindowTicker: () => connection.rollingWindowTicker({ ...lower, windowSize: '1h' }),
    avgPrice: () => connection.avgPrice(lower),
    partialBookDepth: () => connection.partialBookDepth({ ...lower, levels: '5', updateSpeed: '100ms' }),
  };
  const heard = {};
  for (const [name, subscribe] of Object.entries(subscriptions)) {
    heard[name] = collect(subscribe());
    // Each is a message of its own, and like Binance the exchange takes five a second.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const trades = [];
  const order = (side, quantity, price) => ({ symbol, side, type: 'LIMIT', timeInForce: 'GTC', quantity, price });
  const trade = async (price, quantity) => {
    await alice.restAPI.newOrder(order('SELL', quantity, price));
    const taken = await (await bob.restAPI.newOrder(order('BUY', quantity, price))).data();
    equal('the order is filled', taken.status, 'FILLED');
    trades.push([price, quantity]);
  };

  // The client does not say when the server has confirmed its subscriptions.
  await eventually('every stream begins', async () => {
    await trade('50000', '0.01');
    return Object.values(heard).every((told) => told.length > 0);
  });
  await trade('49900', '0.02');
  await trade('50100', '0.03');
  await alice.restAPI.newOrder(order('SELL', '0.02', '50200'));

  const v = trades.reduce((sum, [, quantity]) => sum + units(quantity), 0n);
  const q = trades.reduce((sum, [price, quantity]) => sum + cost(price, quantity), 0n);
  const day = { o: units('50000'), h: units('50100'), l: units('49900'), c: units('50100'), v, q };
  const count = trades.length;
  const wanted = {
    aggTrade: { p: units('50100'), q: units('0.03'), m: false, e: 'aggTrade' },
    kline: { ...day, i: '1d', n: count, x: false },
    klineOffset: { ...day, i: '1d', n: count },
    miniTicker: { ...day, e: '24hrMiniTicker' },
    allMiniTicker: { ...day, e: '24hrMiniTicker' },
    ticker: { ...day, e: '24hrTicker', n: count, Q: units('0.03'), a: units('50200'), A: units('0.02') },
    rollingWindowTicker: { ...day, e: '1hTicker', n: count },
    avgPrice: { e: 'avgPrice', i: '5m' },
  };
  for (const [name, state] of Object.entries(wanted)) await newest(name, heard[name], state);
  const book = () => heard.partialBookDepth.at(-1);
  await eventually('partialBookDepth', () => book().asks.length === 1);
  fields('partialBookDepth', book(), { bids: [], asks: [['50200.00000000', '0.02000000']] });
  await connection.disconnect();
});
