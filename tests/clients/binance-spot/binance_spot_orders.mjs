// Orders that wait, hide, change and belong together, as two accounts live through them with an unmodified @binance/spot.
//
// Every status, book and balance is compared exactly, in whole units, with what the rules of the exchange say it must be.
//
// Environment: as in life.mjs. Exit status 0 when everything holds, 1 with the first thing that does not.

import { BadRequestError, Spot } from '@binance/spot';
import { KEYS, Ledger, SOCKETS, URL, cost, equal, fields, run, step, units } from './life.mjs';

// The client reports each connection otherwise.
process.env.LOG_LEVEL ??= 'warn';
const symbol = 'BTCUSDT';

/** One account behind the REST client. */
class RestPerson {
  constructor(keys) {
    this.api = new Spot({ configurationRestAPI: { ...keys, basePath: URL, timeout: 15000 } }).restAPI;
  }

  async open() {}
  async close() {}

  async call(name, parameters) {
    return (await this.api[name](parameters)).data();
  }

  place(order) { return this.call('newOrder', { symbol, ...order }); }
  replace(order) { return this.call('orderCancelReplace', { symbol, ...order }); }
  amend(change) { return this.call('orderAmendKeepPriority', { symbol, ...change }); }
  cancel(origClientOrderId) { return this.call('deleteOrder', { symbol, origClientOrderId }); }
  order(origClientOrderId) { return this.call('getOrder', { symbol, origClientOrderId }); }
  orders() { return this.call('getOpenOrders'); }
  oco(list) { return this.call('orderListOco', { symbol, ...list }); }
  oto(list) { return this.call('orderListOto', { symbol, ...list }); }
  otoco(list) { return this.call('orderListOtoco', { symbol, ...list }); }
  list(origClientOrderId) { return this.call('getOrderList', { origClientOrderId }); }
  cancelList(listClientOrderId) { return this.call('deleteOrderList', { symbol, listClientOrderId }); }
  account() { return this.call('getAccount'); }
  depth() { return this.call('depth', { symbol, limit: 100 }); }

  checkRefusal(what, error, code, message) {
    equal(what, [error.constructor.name, error.code, error.message], [BadRequestError.name, code, message]);
  }
}

/** One account behind the client of the WebSocket API. */
class SocketPerson extends RestPerson {
  static NAMES = {
    newOrder: 'orderPlace', orderCancelReplace: 'orderCancelReplace', orderAmendKeepPriority: 'orderAmendKeepPriority',
    deleteOrder: 'orderCancel', getOrder: 'orderStatus', getOpenOrders: 'openOrdersStatus', orderListOco: 'orderListPlaceOco',
    orderListOto: 'orderListPlaceOto', orderListOtoco: 'orderListPlaceOtoco', getOrderList: 'orderListStatus',
    deleteOrderList: 'orderListCancel', getAccount: 'accountStatus', depth: 'depth',
  };

  constructor(keys) {
    super(keys);
    this.sockets = new Spot({ configurationWebsocketAPI: { ...keys, wsURL: `${SOCKETS}/ws-api/v3` } }).websocketAPI;
  }

  async open() { this.api = await this.sockets.connect(); }
  async close() { await this.api.disconnect(); }

  async call(name, parameters) {
    return (await this.api[SocketPerson.NAMES[name]](parameters)).data;
  }

  checkRefusal(what, error, code, message) {
    equal(what, [error.code, error.msg], [code, message]);
  }
}

/** Both accounts and what they must own. */
class Life {
  static async begin(people) {
    const life = Object.assign(new Life(), people);
    life.people = people;
    life.ledger = await Ledger.open(async (name) => {
      const { balances } = await people[name].account();
      const traded = balances.filter(({ asset }) => asset === 'BTC' || asset === 'USDT');
      return Object.fromEntries(traded.map((one) => [one.asset, [units(one.free), units(one.locked)]]));
    });
    return life;
  }

  lock(name, asset, amount) {
    this.ledger.lock(name, asset, units(amount));
  }

  limit(name, side, quantity, price, further = {}) {
    return this.people[name].place({ side, type: 'LIMIT', timeInForce: 'GTC', quantity, price, newOrderRespType: 'FULL', ...further });
  }

  /** A trade of 0.01 at this price, which leaves nothing in the book: it becomes the last price. */
  async traded(price) {
    await this.limit('alice', 'SELL', '0.01', price);
    fields(`a trade at ${price}`, await this.limit('bob', 'BUY', '0.01', price), { status: 'FILLED' });
    this.ledger.trade(price, '0.01', 'bob', 'alice');
  }

  /** A limit order that must be filled at its own price by orders of the other account, whose funds are locked. */
  async taken(name, side, quantity, price) {
    const filled = await this.limit(name, side, quantity, price);
    fields(`${name}'s ${side} of ${quantity}`, filled, { status: 'FILLED', cummulativeQuoteQty: cost(price, quantity) });
    const other = name === 'bob' ? 'alice' : 'bob';
    if (side === 'BUY') this.ledger.lock(other, 'BTC', -units(quantity));
    else this.ledger.lock(other, 'USDT', -cost(price, quantity));
    this.ledger.trade(price, quantity, ...(side === 'BUY' ? [name, other] : [other, name]));
  }

  /** A bid that rests. */
  async bids(name, quantity, price) {
    await this.limit(name, 'BUY', quantity, price);
    this.ledger.lock(name, 'USDT', cost(price, quantity));
  }

  /** This account's bid was hit by an order of the other that had waited, with its BTC locked. */
  hit(name, quantity, price) {
    const other = name === 'bob' ? 'alice' : 'bob';
    this.ledger.lock(name, 'USDT', -cost(price, quantity));
    this.ledger.lock(other, 'BTC', -units(quantity));
    this.ledger.trade(price, quantity, name, other);
  }

  async book(bids, asks) {
    const seen = await this.bob.depth();
    const inUnits = (rows) => rows.map(([price, quantity]) => [units(price), units(quantity)]);
    equal('the book', [inUnits(seen.bids), inUnits(seen.asks)], [inUnits(bids), inUnits(asks)]);
  }

  async status(name, ...orders) {
    return Promise.all(orders.map(async (order) => (await this.people[name].order(order)).status));
  }

  async fails(what, code, message, person, call) {
    let answer;
    try {
      answer = await call;
    } catch (error) {
      person.checkRefusal(what, error, code, message);
      return;
    }
    throw new Error(`${what} must be refused with ${code}; seen: ${JSON.stringify(answer)}`);
  }
}

async function contingent(life) {
  step('stop-loss, stop-loss-limit, take-profit, take-profit-limit');
  const { bob } = life;
  await life.traded('50000');
  const sell = { side: 'SELL', newOrderRespType: 'RESULT' };
  const stop = await bob.place({ ...sell, type: 'STOP_LOSS', quantity: '0.02', stopPrice: '49000', newClientOrderId: 'stop' });
  fields('a stop that waits', stop, { status: 'NEW', stopPrice: units('49000'), executedQty: 0n, workingTime: -1 });
  await bob.place({ ...sell, type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', quantity: '0.03', stopPrice: '48900', price: '48800',
    newClientOrderId: 'stop-limit' });
  await bob.place({ ...sell, type: 'TAKE_PROFIT', quantity: '0.01', stopPrice: '52000', newClientOrderId: 'profit' });
  await bob.place({ ...sell, type: 'TAKE_PROFIT_LIMIT', timeInForce: 'GTC', quantity: '0.04', stopPrice: '52000', price: '52010',
    icebergQty: '0.01', newClientOrderId: 'profit-limit' });
  life.lock('bob', 'BTC', '0.1');
  await life.book([], []);
  await life.ledger.compare('four that wait');
  await life.fails('a stop that would trigger', -2010, 'Order would trigger immediately.', bob,
    bob.place({ ...sell, type: 'STOP_LOSS', quantity: '0.02', stopPrice: '50000' }));

  await life.bids('alice', '0.02', '48950');
  await life.traded('49000');
  life.hit('alice', '0.02', '48950');
  await life.traded('48900');
  equal('the stops', await life.status('bob', 'stop', 'stop-limit'), ['FILLED', 'NEW']);
  await life.book([], [['48800', '0.03']]);
  await life.taken('alice', 'BUY', '0.03', '48800');
  await life.ledger.compare('the stops');

  await life.bids('alice', '0.01', '51990');
  await life.traded('52000');
  life.hit('alice', '0.01', '51990');
  await life.book([], [['52010', '0.01']]);
  await life.taken('alice', 'BUY', '0.04', '52010');
  equal('the take-profits', await life.status('bob', 'profit', 'profit-limit'), ['FILLED', 'FILLED']);
}

async function trailing(life) {
  step('trailing stop');
  const stop = await life.bob.place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.02', trailingDelta: 200, newOrderRespType: 'RESULT',
    newClientOrderId: 'trailing' });
  fields('a stop that trails', stop, { status: 'NEW', trailingDelta: 200 });
  life.lock('bob', 'BTC', '0.02');
  await life.bids('alice', '0.02', '51900');
  await life.traded('53000');
  // 2 % below 53000 are 51940.
  await life.traded('51941');
  equal('above its price', await life.status('bob', 'trailing'), ['NEW']);
  await life.traded('51940');
  life.hit('alice', '0.02', '51900');
  equal('at its price', await life.status('bob', 'trailing'), ['FILLED']);
}

async function iceberg(life) {
  step('iceberg, amend');
  const { alice } = life;
  await life.limit('alice', 'SELL', '0.1', '60000', { icebergQty: '0.03', newClientOrderId: 'ice' });
  life.lock('alice', 'BTC', '0.1');
  await life.book([], [['60000', '0.03']]);
  await life.taken('bob', 'BUY', '0.04', '60000');
  await life.book([], [['60000', '0.02']]);
  const { amendedOrder } = await alice.amend({ origClientOrderId: 'ice', newQty: '0.05', newClientOrderId: 'thin' });
  fields('the amended order', amendedOrder, { clientOrderId: 'thin', qty: units('0.05'), executedQty: units('0.04') });
  life.lock('alice', 'BTC', '-0.05');
  await life.book([], [['60000', '0.01']]);
  await life.ledger.compare('an amendment');
  fields('cancelled', await alice.cancel('thin'), { status: 'CANCELED', executedQty: units('0.04') });
  life.lock('alice', 'BTC', '-0.01');
}

async function replaced(life) {
  step('cancel and replace');
  const { bob } = life;
  await life.limit('bob', 'BUY', '0.01', '40000', { newClientOrderId: 'old' });
  const order = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.02', price: '41000', newClientOrderId: 'new',
    cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'old' };
  const { cancelResult, newOrderResult } = await bob.replace(order);
  equal('the results', [cancelResult, newOrderResult], ['SUCCESS', 'SUCCESS']);
  life.lock('bob', 'USDT', '820');
  await life.ledger.compare('a replacement');
  await life.fails('replacing what is gone', -2022, 'Order cancel-replace failed.', bob, bob.replace(order));
  await bob.cancel('new');
  life.lock('bob', 'USDT', '-820');
}

async function oco(life) {
  step('one cancels the other');
  const { alice } = life;
  await life.traded('60000');
  const list = { side: 'SELL', quantity: '0.05', aboveType: 'LIMIT_MAKER', abovePrice: '61000', belowType: 'STOP_LOSS_LIMIT',
    belowStopPrice: '59000', belowPrice: '58900', belowTimeInForce: 'GTC', listClientOrderId: 'pair', aboveClientOrderId: 'above',
    belowClientOrderId: 'below' };
  fields('the pair', await alice.oco(list), { contingencyType: 'OCO', listStatusType: 'EXEC_STARTED', listOrderStatus: 'EXECUTING' });
  life.lock('alice', 'BTC', '0.05');
  await life.ledger.compare('a pair, which needs its BTC once');
  await life.taken('bob', 'BUY', '0.02', '61000');
  equal('a part of the limit ends the stop', await life.status('alice', 'above', 'below'), ['PARTIALLY_FILLED', 'EXPIRED']);
  fields('the list', await alice.list('pair'), { listOrderStatus: 'EXECUTING' });
  fields('the list, cancelled', await alice.cancelList('pair'), { listOrderStatus: 'ALL_DONE' });
  life.lock('alice', 'BTC', '-0.03');
}

async function oto(life) {
  step('one triggers the other');
  const { bob } = life;
  const list = { workingType: 'LIMIT', workingSide: 'BUY', workingPrice: '58000', workingQuantity: '0.02', workingTimeInForce: 'GTC',
    pendingType: 'LIMIT', pendingSide: 'SELL', pendingPrice: '60000', pendingQuantity: '0.01', pendingTimeInForce: 'GTC',
    pendingClientOrderId: 'pending' };
  fields('the list', await bob.oto(list), { contingencyType: 'OTO', listOrderStatus: 'EXECUTING' });
  life.lock('bob', 'USDT', '1160');
  equal('what is pending', await life.status('bob', 'pending'), ['PENDING_NEW']);
  await life.ledger.compare('a list of which one waits');
  await life.taken('alice', 'SELL', '0.02', '58000');
  equal('what was pending', await life.status('bob', 'pending'), ['NEW']);
  life.lock('bob', 'BTC', '0.01');
  await life.ledger.compare('the working order');
  await bob.cancel('pending');
  life.lock('bob', 'BTC', '-0.01');
}

async function otoco(life) {
  step('one triggers a pair');
  const { bob } = life;
  const list = { workingType: 'LIMIT', workingSide: 'BUY', workingPrice: '57900', workingQuantity: '0.02', workingTimeInForce: 'GTC',
    pendingSide: 'SELL', pendingQuantity: '0.015', pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: '60000',
    pendingAboveClientOrderId: 'gain', pendingBelowType: 'STOP_LOSS', pendingBelowStopPrice: '57000',
    pendingBelowClientOrderId: 'loss', listClientOrderId: 'bracket' };
  equal('orders of the list', (await bob.otoco(list)).orders.length, 3);
  life.lock('bob', 'USDT', '1158');
  await life.taken('alice', 'SELL', '0.02', '57900');
  equal('what was pending', await life.status('bob', 'gain', 'loss'), ['NEW', 'NEW']);
  life.lock('bob', 'BTC', '0.015');
  await life.ledger.compare('the working order of three');
  await life.bids('alice', '0.015', '56950');
  await life.traded('57000');
  life.hit('alice', '0.015', '56950');
  equal('one of the pair', await life.status('bob', 'gain', 'loss'), ['EXPIRED', 'FILLED']);
  fields('the list', await bob.list('bracket'), { listOrderStatus: 'ALL_DONE' });
}

/** The whole scenario, from an empty book to an empty book. */
async function everything(Person) {
  const people = { alice: new Person(KEYS.alice), bob: new Person(KEYS.bob) };
  await people.alice.open();
  await people.bob.open();
  const life = await Life.begin(people);
  for (const part of [contingent, trailing, iceberg, replaced, oco, oto, otoco]) {
    await part(life);
    await life.book([], []);
    await life.ledger.compare(part.name);
    equal('open orders', [...(await people.alice.orders()), ...(await people.bob.orders())], []);
  }
  await people.alice.close();
  await people.bob.close();
}

await run(async () => {
  await everything(RestPerson);
  step('the same over the WebSocket API');
  await everything(SocketPerson);
});
