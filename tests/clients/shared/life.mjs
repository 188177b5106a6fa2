// What the scripts in JavaScript share: who they are, how they check, and what two accounts must own.
//
// Environment: RIALTO_URL and RIALTO_KEY_A, RIALTO_SECRET_A (alice), RIALTO_KEY_B, RIALTO_SECRET_B (bob).

import { isDeepStrictEqual } from 'node:util';

export const URL = process.env.RIALTO_URL.replace(/\/$/, '');
export const SOCKETS = `ws${URL.slice('http'.length)}`;
export const KEYS = {
  alice: { apiKey: process.env.RIALTO_KEY_A, apiSecret: process.env.RIALTO_SECRET_A },
  bob: { apiKey: process.env.RIALTO_KEY_B, apiSecret: process.env.RIALTO_SECRET_B },
};
// Amounts are counted in whole units of 10^-8, so that none passes through a float.
const PLACES = 8;
const ONE = 10n ** BigInt(PLACES);
const FEE_PPM = 1000n; // of the demo's markets, maker and taker

let checks = 0;

/** One assertion: fails with what was expected and what was seen. */
export function holds(what, condition, seen) {
  checks += 1;
  if (!condition) throw new Error(seen === undefined ? what : `${what}; seen: ${show(seen)}`);
}

/** Equality of any two values. */
export function equal(what, seen, wanted) {
  holds(`${what} must be ${show(wanted)}`, isDeepStrictEqual(seen, wanted), seen);
}

function show(value) {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}

/** A decimal text as whole units. */
export function units(text) {
  const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text)) ?? [];
  if (whole === undefined || part.length > PLACES) throw new Error(`${text} is no decimal`);
  const count = BigInt(whole) * ONE + BigInt(part.padEnd(PLACES, '0'));
  return sign ? -count : count;
}

/** What a quantity costs at a price, in whole units; it never needs rounding. */
export function cost(price, quantity) {
  return (units(price) * units(quantity)) / ONE;
}

/** A part of what is received, rounded up to a whole unit. */
export function fee(received) {
  return (received * FEE_PPM + 999_999n) / 1_000_000n;
}

/** Compares the named fields; what is wanted as units is a decimal there. */
export function fields(what, record, wanted) {
  for (const [field, value] of Object.entries(wanted)) {
    holds(`${what}: ${field} is missing`, record[field] !== undefined, record);
    if (typeof value === 'bigint') equal(`${what}: ${field}`, units(record[field]), value);
    else equal(`${what}: ${field}`, record[field], value);
  }
}

/** Repeats a probe until it gives something true: history and streams may lag behind the books. */
export async function eventually(what, probe, limit = 15) {
  const deadline = Date.now() + limit * 1000;
  for (;;) {
    const seen = await probe();
    if (seen) return seen;
    holds(`${what} (waited ${limit} s)`, Date.now() < deadline);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function step(name) {
  console.log(`  ${name}`);
}

/** What both accounts must own of BTC and USDT. `read` takes a name and gives `{ asset: [free, locked] }` in units. */
export class Ledger {
  static async open(read) {
    const ledger = new Ledger();
    ledger.read = read;
    ledger.funds = {};
    for (const name of Object.keys(KEYS)) {
      const { BTC, USDT } = await read(name);
      holds(`${name} must own 1 BTC and 10000 USDT`, BTC[0] >= units(1) && USDT[0] >= units(10000), { BTC, USDT });
      ledger.funds[name] = { BTC, USDT };
    }
    return ledger;
  }

  /** An order rests, or waits, and keeps this amount of units; a negative amount is given back. */
  lock(name, asset, amount) {
    this.funds[name][asset][0] -= amount;
    this.funds[name][asset][1] += amount;
  }

  /** Settles one trade out of what is free: what was locked for it has been given back before. */
  trade(price, quantity, buyer, seller) {
    const paid = cost(price, quantity);
    this.funds[buyer].USDT[0] -= paid;
    this.funds[seller].BTC[0] -= units(quantity);
    this.funds[buyer].BTC[0] += units(quantity) - fee(units(quantity));
    this.funds[seller].USDT[0] += paid - fee(paid);
  }

  async compare(after) {
    for (const [name, wanted] of Object.entries(this.funds)) {
      const { BTC, USDT } = await this.read(name);
      equal(`${name}'s funds after ${after}: [free, locked]`, { BTC, USDT }, wanted);
    }
  }
}

/** Runs a script: status 0 when everything holds, 1 with the first thing that does not. */
export async function run(main) {
  try {
    await main();
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
  console.log(`  ${checks} checks hold`);
  process.exit(0);
}
