// The life of two accounts on BTC/USDT, seen through an unmodified @binance/spot: REST, streams, and the account's stream.
//
// Every balance, fee and order is compared exactly, in whole units, with what the rules of the exchange say it must be.
//
// Environment: as in life.mjs. Exit status 0 when everything holds, 1 with the first thing that does not.

import { BadRequestError, ConnectorClientError, Spot, UnauthorizedError } from '@binance/spot';
import { KEYS, Ledger, SOCKETS, URL, cost, equal, eventually, fee, fields, holds, run, step, units } from './life.mjs';

// The client reports each connection otherwise.
process.env.LOG_LEVEL ??= 'warn';
const MARKETS = ['BTCUSDT', 'ETHBTC', 'ETHUSDT', 'SOLUSDT', 'XMRBTC'];
const symbol = 'BTCUSDT';

function client(keys) {
  return new Spot({
    configurationRestAPI: { ...keys, basePath: URL, timeout: 15000 },
    configurationWebsocketAPI: { ...keys, wsURL: `${SOCKETS}/ws-api/v3` },
    configurationWebsocketStreams: { wsURL: SOCKETS },
  });
}

/** What a call of REST answers. */
async function rest(call) {
  return (await call).data();
}

/** A call that must be refused with this exception of the client, this code and, unless it is null, this text. */
async function fails(what, kind, code, message, call) {
  let answer;
  try {
    answer = await rest(call);
  } catch (error) {
    equal(`${what}: exception`, error.constructor.name, kind.name);
    equal(`${what}: code`, error.code, code);
    if (message !== null) equal(`${what}: text`, error.message, message);
    return;
  }
  throw new Error(`${what} must fail with ${code}; seen: ${JSON.stringify(answer)}`);
}

function limit(side, quantity, price, further = {}) {
  return { symbol, side, type: 'LIMIT', timeInForce: 'GTC', quantity, price, ...further };
}

async function rules(alice) {
  step('ping, time, exchangeInfo');
  equal('ping', await rest(alice.restAPI.ping()), {});
  holds('the time must be near ours', Math.abs((await rest(alice.restAPI.time())).serverTime - Date.now()) < 5000);
  const info = await rest(alice.restAPI.exchangeInfo());
  equal('markets', info.symbols.map((entry) => entry.symbol).sort(), MARKETS);
  const some = await rest(alice.restAPI.exchangeInfo({ symbols: ['BTCUSDT', 'ETHBTC'] }));
  equal('two markets', some.symbols.map((entry) => entry.symbol).sort(), ['BTCUSDT', 'ETHBTC']);
  const one = await rest(alice.restAPI.exchangeInfo({ symbol }));
  equal('status', one.symbols[0].status, 'TRADING');
}

async function trading({ alice, bob }, ledger) {
  step('newOrder: limit, market by both assets, limit maker, IOC, FOK');
  const trades = [];
  const place = (who, order) => rest(who.restAPI.newOrder(order));
  /** A trade of bob, who buys, with alice; the maker's funds were locked. */
  const settle = (price, quantity, maker) => {
    if (maker === 'bob') ledger.lock('bob', 'USDT', -cost(price, quantity));
    else ledger.lock('alice', 'BTC', -units(quantity));
    ledger.trade(price, quantity, 'bob', 'alice');
    trades.push([price, quantity, maker === 'bob']);
  };

  equal('a test order', await rest(alice.restAPI.orderTest(limit('SELL', '0.02', '50000'))), {});
  const rests = await place(alice, limit('SELL', '0.02', '50000', { newClientOrderId: 'life-1' }));
  fields('a limit order', rests, { symbol, clientOrderId: 'life-1', status: 'NEW', price: units('50000'), fills: [] });
  ledger.lock('alice', 'BTC', units('0.02'));
  await ledger.compare('an order that rests');
  await fails('bob asks for it', BadRequestError, -2013, 'Order does not exist.', bob.restAPI.getOrder({ symbol, orderId: rests.orderId }));
  await fails('bob cancels it', BadRequestError, -2011, 'Unknown order sent.', bob.restAPI.deleteOrder({ symbol, orderId: rests.orderId }));
  const mine = await rest(alice.restAPI.getOrder({ symbol, orderId: rests.orderId }));
  fields('getOrder', mine, { status: 'NEW', isWorking: true, executedQty: 0n });
  equal('getOpenOrders', await rest(alice.restAPI.getOpenOrders()), [mine]);

  // Numbers may be sent as such, too.
  const taken = await place(bob, limit('BUY', 0.005, 50010));
  fields('the taker', taken, { status: 'FILLED', executedQty: units('0.005'), cummulativeQuoteQty: units('250') });
  fields('its fill', taken.fills[0], { price: units('50000'), commission: fee(units('0.005')), commissionAsset: 'BTC' });
  settle('50000', '0.005', 'alice');
  await ledger.compare('a match');

  await place(bob, limit('BUY', '0.01', '49990.03', { newClientOrderId: 'bid' }));
  ledger.lock('bob', 'USDT', cost('49990.03', '0.01'));
  const sold = await place(alice, { symbol, side: 'SELL', type: 'MARKET', quantity: '0.00437' });
  // The fee of this one is no whole number of units: it is rounded up.
  fields('market sell', sold, { status: 'FILLED', cummulativeQuoteQty: cost('49990.03', '0.00437') });
  fields('its fill', sold.fills[0], { commission: fee(cost('49990.03', '0.00437')), commissionAsset: 'USDT' });
  settle('49990.03', '0.00437', 'bob');
  const bought = await place(bob, { symbol, side: 'BUY', type: 'MARKET', quoteOrderQty: '123.45' });
  fields('market buy by cost', bought, { status: 'FILLED', executedQty: units('0.00246'), cummulativeQuoteQty: units('123') });
  settle('50000', '0.00246', 'alice');
  await ledger.compare('market orders');

  await fails('a limit maker that crosses', BadRequestError, -2010, 'Order would immediately match and take.',
    bob.restAPI.newOrder({ symbol, side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.001', price: '50000' }));
  const killed = await place(bob, limit('BUY', '0.01255', '50000', { timeInForce: 'FOK' }));
  fields('FOK for more than there is', killed, { status: 'EXPIRED', executedQty: 0n });
  const expired = await place(bob, limit('BUY', '0.03', '50000', { timeInForce: 'IOC' }));
  fields('IOC for more than there is', expired, { status: 'EXPIRED', executedQty: units('0.01254') });
  settle('50000', '0.01254', 'alice');
  await ledger.compare('IOC');
  const book = await rest(alice.restAPI.depth({ symbol, limit: 5 }));
  equal('the book', [book.bids, book.asks], [[['49990.03000000', '0.00563000']], []]);
  return trades;
}

async function changing({ bob }, ledger) {
  step('deleteOrder, orderCancelReplace, orderAmendKeepPriority, deleteOpenOrders');
  const cancelled = await rest(bob.restAPI.deleteOrder({ symbol, origClientOrderId: 'bid' }));
  fields('cancelled', cancelled, { status: 'CANCELED', executedQty: units('0.00437') });
  ledger.lock('bob', 'USDT', -cost('49990.03', '0.00563'));
  await ledger.compare('a cancel');
  const maker = await rest(bob.restAPI.newOrder({ symbol, side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.01', price: '40000' }));
  const replace = { ...limit('BUY', '0.02', '41000'), cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: maker.orderId };
  const replaced = await rest(bob.restAPI.orderCancelReplace(replace));
  equal('orderCancelReplace', [replaced.cancelResult, replaced.newOrderResult], ['SUCCESS', 'SUCCESS']);
  ledger.lock('bob', 'USDT', units('820'));
  await ledger.compare('a replacement');
  await fails('replacing it again', BadRequestError, -2022, 'Order cancel-replace failed.', bob.restAPI.orderCancelReplace(replace));
  // The new order is placed; the client has no class of its own for the status that says that the cancel failed.
  await fails('replacing it anyway', ConnectorClientError, -2021, 'Order cancel-replace partially failed.',
    bob.restAPI.orderCancelReplace({ ...replace, cancelReplaceMode: 'ALLOW_FAILURE', newClientOrderId: 'anyway' }));
  const { orderId } = replaced.newOrderResponse;
  const amended = await rest(bob.restAPI.orderAmendKeepPriority({ symbol, orderId, newQty: '0.015' }));
  fields('amended', amended.amendedOrder, { orderId, qty: units('0.015'), status: 'NEW' });
  ledger.lock('bob', 'USDT', units('820') - units('205'));
  await ledger.compare('an amendment');
  const all = await rest(bob.restAPI.deleteOpenOrders({ symbol }));
  equal('deleteOpenOrders', all.map((order) => order.clientOrderId !== '' && order.status), ['CANCELED', 'CANCELED']);
  ledger.lock('bob', 'USDT', -(units('1640') - units('205')));
  await ledger.compare('deleteOpenOrders');
}

async function history({ alice, bob }, trades) {
  step('myTrades, allOrders, orderAmendments, getTrades, aggTrades, klines, tickers');
  const full = (count, call) => async () => {
    const rows = await rest(call());
    holds(`there must not be more than ${count}`, rows.length <= count, rows);
    return rows.length === count && rows;
  };
  const mine = await eventually("bob's trades", full(trades.length, () => bob.restAPI.myTrades({ symbol })));
  mine.forEach((row, index) => {
    const [price, quantity, isMaker] = trades[index];
    fields('a trade', row, { price: units(price), qty: units(quantity), quoteQty: cost(price, quantity), isBuyer: true, isMaker,
      commission: fee(units(quantity)), commissionAsset: 'BTC' });
  });
  const orders = await eventually("bob's orders", full(8, () => bob.restAPI.allOrders({ symbol })));
  equal("bob's orders", orders.map((order) => order.status),
    ['FILLED', 'CANCELED', 'FILLED', 'EXPIRED', 'EXPIRED', 'CANCELED', 'CANCELED', 'CANCELED']);
  const changes = await rest(bob.restAPI.orderAmendments({ symbol, orderId: orders[6].orderId }));
  equal('orderAmendments', changes.map((change) => [units(change.origQty), units(change.newQty)]), [[units('0.02'), units('0.015')]]);

  const wanted = trades.map(([price, quantity, isMaker]) => [units(price), units(quantity), isMaker]);
  const shown = (rows) => rows.map((row) => [units(row.price ?? row.p), units(row.qty ?? row.q), row.isBuyerMaker ?? row.m]);
  equal('getTrades', shown(await rest(alice.restAPI.getTrades({ symbol }))), wanted);
  equal('historicalTrades', shown(await rest(alice.restAPI.historicalTrades({ symbol }))), wanted);
  equal('aggTrades', shown(await rest(alice.restAPI.aggTrades({ symbol }))), wanted);
  const volume = wanted.reduce((sum, [, quantity]) => sum + quantity, 0n);
  const candles = await rest(alice.restAPI.klines({ symbol, interval: '1d', limit: 3 }));
  equal('volume of the klines', candles.reduce((sum, row) => sum + units(row[5]), 0n), volume);
  equal('tickerPrice', units((await rest(alice.restAPI.tickerPrice({ symbol }))).price), units('50000'));
  fields('tickerBookTicker', await rest(alice.restAPI.tickerBookTicker({ symbol })), { bidPrice: 0n, askPrice: 0n });
}

async function moreRest({ alice }, trades) {
  step('uiKlines, ticker, tickerTradingDay, accountCommission, myFilters, rateLimitOrder');
  const volume = trades.reduce((sum, [, quantity]) => sum + units(quantity), 0n);
  const candles = await rest(alice.restAPI.uiKlines({ symbol, interval: '1d' }));
  equal('volume of uiKlines', candles.reduce((sum, row) => sum + units(row[5]), 0n), volume);
  const day = { symbol, volume, count: trades.length, highPrice: units('50000') };
  fields('ticker', await rest(alice.restAPI.ticker({ symbol, windowSize: '1d' })), day);
  fields('tickerTradingDay', await rest(alice.restAPI.tickerTradingDay({ symbol })), day);
  const { standardCommission } = await rest(alice.restAPI.accountCommission({ symbol }));
  fields('accountCommission', standardCommission, { maker: units('0.001'), taker: units('0.001') });
  holds('myFilters', Array.isArray((await rest(alice.restAPI.myFilters({ symbol }))).exchangeFilters));
  const limits = await rest(alice.restAPI.rateLimitOrder());
  equal('rateLimitOrder', limits.map((one) => one.interval), ['SECOND', 'DAY']);
}

async function refusals({ bob }, ledger) {
  step('what is refused, and how');
  for (const [code, message, change] of [
    [-1121, 'Invalid symbol.', { symbol: 'NOPENOPE' }],
    [-1013, 'Filter failure: LOT_SIZE', { quantity: '0.010001' }],
    [-1013, 'Filter failure: PRICE_FILTER', { price: '40000.001' }],
    [-1013, 'Filter failure: NOTIONAL', { quantity: '0.00001' }],
    [-1100, null, { quantity: 'many' }],
    [-1102, null, { price: undefined }],
    [-1117, null, { side: 'HOLD' }],
    [-2010, 'Account has insufficient balance for requested action.', { side: 'SELL', quantity: '8000', price: '1000' }],
  ]) {
    const order = { ...limit('BUY', '0.01', '40000'), ...change };
    await fails(`an order with ${JSON.stringify(change)}`, BadRequestError, code, message, bob.restAPI.newOrder(order));
  }
  const { apiKey, apiSecret } = KEYS.alice;
  await fails('a wrong secret', BadRequestError, -1022, 'Signature for this request is not valid.',
    client({ apiKey, apiSecret: `${apiSecret}x` }).restAPI.getAccount());
  await fails('an unknown key', UnauthorizedError, -2015, 'Invalid API-key, IP, or permissions for action.',
    client({ apiKey: 'k'.repeat(64), apiSecret }).restAPI.getAccount());
  await ledger.compare('what was refused');
}

/** All that a stream of the client told. */
function collect(stream) {
  const told = [];
  stream.on('message', (message) => told.push(message));
  const find = (what, good) =>
    eventually(what, () => told.find(good)).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(told)}`);
    });
  return { told, find };
}

async function streams({ alice, bob }, ledger) {
  step('websocketStreams: trade, bookTicker, diffBookDepth; websocketAPI: userDataStreamSubscribeSignature');
  const connection = await alice.websocketStreams.connect();
  const trades = collect(connection.trade({ symbol: 'btcusdt' }));
  const tickers = collect(connection.bookTicker({ symbol: 'btcusdt' }));
  const depths = collect(connection.diffBookDepth({ symbol: 'btcusdt', updateSpeed: '100ms' }));
  const api = await bob.websocketAPI.connect();
  const { response, stream } = await api.userDataStreamSubscribeSignature();
  equal('the number of the subscription', response.data, { subscriptionId: 0 });
  const account = collect(stream);

  // The client does not say when the server has confirmed its subscriptions.
  await eventually('the streams', async () => {
    const { orderId } = await rest(alice.restAPI.newOrder(limit('SELL', '0.02', '51500')));
    await rest(alice.restAPI.deleteOrder({ symbol, orderId }));
    return tickers.told.length > 0 && depths.told.length > 0;
  });
  await rest(alice.restAPI.newOrder(limit('SELL', '0.02', '51000')));
  await tickers.find('the best ask', (told) => told.a === '51000.00000000' && told.A === '0.02000000');
  await depths.find('the new level', (told) => told.a.some(([price, size]) => price === '51000.00000000' && size === '0.02000000'));
  const taken = await rest(bob.restAPI.newOrder(limit('BUY', '0.02', '51000', { newClientOrderId: 'streamed' })));
  ledger.trade('51000', '0.02', 'bob', 'alice');
  const trade = await trades.find('the trade', (told) => told.t === taken.fills[0].tradeId);
  fields('the trade', trade, { e: 'trade', s: symbol, p: units('51000'), q: units('0.02'), m: false });
  const report = await account.find('the report', (told) => told.e === 'executionReport' && told.x === 'TRADE');
  fields('the report', report, { c: 'streamed', X: 'FILLED', l: units('0.02'), L: units('51000'), n: fee(units('0.02')), N: 'BTC' });
  const [free] = ledger.funds.bob.BTC;
  await account.find("bob's BTC", (told) => told.e === 'outboundAccountPosition' &&
    told.B.some((one) => one.a === 'BTC' && units(one.f) === free));
  await ledger.compare('the streams');
  depths.told.slice(1).forEach((told, index) => equal('each depth event continues the one before', told.U, depths.told[index].u + 1));
  await connection.disconnect();
  await api.disconnect();
}

await run(async () => {
  const people = { alice: client(KEYS.alice), bob: client(KEYS.bob) };
  await rules(people.alice);
  const ledger = await Ledger.open(async (name) => {
    const { balances } = await rest(people[name].restAPI.getAccount());
    const traded = balances.filter(({ asset }) => asset === 'BTC' || asset === 'USDT');
    return Object.fromEntries(traded.map((one) => [one.asset, [units(one.free), units(one.locked)]]));
  });
  const trades = await trading(people, ledger);
  await changing(people, ledger);
  await history(people, trades);
  await moreRest(people, trades);
  await refusals(people, ledger);
  await streams(people, ledger);
});
