// Signing in by another site: a certified OpenID provider (npm's `oidc-provider`), and one of the script's own that forges its tokens.
//
// The script starts an exchange that trusts both, plays the browser, and looks at where the browser is sent and what it is given.
//
// Environment: RIALTO_BINARY. Exit status 0 when everything holds, 1 with the first thing that does not.

import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { TOTP } from 'otpauth';
import { withExchange } from './exchange.mjs';
import { equal, holds, run, step } from './life.mjs';

const SITE = 'http://localhost:8080'; // where the other sites send browsers back to; played by the exchange's own address
const CALLBACK = '/api/v2/auth/oidc/callback';
const CLIENT = { id: 'rialto', secret: 'a-secret-that-both-know-of-and-nobody-else' };

/** A browser: cookies by site, and no redirection that it does not know of. */
class Browser {
  jars = new Map();

  async ask(url, options = {}) {
    const { origin } = new URL(url);
    const jar = this.jars.get(origin) ?? this.jars.set(origin, new Map()).get(origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  cookies(url) {
    return this.jars.get(new URL(url).origin) ?? new Map();
  }
}

/** Runs an HTTP server on a free port as long as `use` does. `handler` may be set later, when the address is known. */
async function withServer(use) {
  const server = createServer((request, response) => server.handler(request, response));
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    await use(server, `http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The certified provider. Whoever types a name is that user, with an address at this machine's example domain. */
function certified(issuer) {
  return new Provider(issuer, {
    clients: [{
      client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [SITE + CALLBACK], response_types: ['code'],
      grant_types: ['authorization_code'],
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['only for this run'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@demo.example`, email_verified: !id.startsWith('unverified') }),
    }),
  });
}

/** A provider that says whatever `forge` makes of the claims that would be right. */
async function forger(server, issuer) {
  const [ours, other] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const liar = { ours, other, spki: await exportSPKI(ours.publicKey), nonce: '', asked: [] };
  server.handler = async (request, response) => {
    const path = new URL(request.url, issuer).pathname;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    liar.asked.push([path, Buffer.concat(chunks).toString()]);
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: issuer, aud: CLIENT.id, sub: 'mallory', nonce: liar.nonce, iat: now, exp: now + 60 };
    const answers = {
      '/.well-known/openid-configuration': () => ({
        issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
      }),
      '/jwks': () => ({ keys: [jwk] }),
      '/token': async () => ({ access_token: 'x', token_type: 'Bearer', id_token: await liar.forge(right) }),
    };
    const body = JSON.stringify(await (answers[path] ?? (() => ({})))());
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  };
  return liar;
}

const signed = (claims, key, header = { alg: 'RS256', kid: 'one' }) => new SignJWT(claims).setProtectedHeader(header).sign(key);

/** Asks the exchange where to go; gives that address. */
async function leave(browser, exchange, provider, path = `/api/v2/auth/oidc/${provider}/start`, headers = {}) {
  const answer = await browser.ask(exchange.url + path, { method: 'POST', headers });
  equal(`POST ${path}`, answer.status, 200);
  return (await answer.json()).url;
}

/** What the user does at the certified provider: says who he is, and agrees. Gives the address to which he is sent back. */
async function agree(browser, address, login) {
  let url = address;
  for (let hop = 0; hop < 12; hop += 1) {
    if (url.startsWith(SITE)) return url;
    const answer = await browser.ask(url);
    const next = answer.headers.get('location');
    if (next) {
      url = new URL(next, url).href;
      continue;
    }
    const page = await answer.text();
    equal(`status of ${url} (${page.slice(0, 300)})`, answer.status, 200);
    const prompt = /name="prompt" value="(\w+)"/.exec(page)[1];
    const form = new URLSearchParams({ prompt, login, password: 'anything' });
    const sent = await browser.ask(/action="([^"]+)"/.exec(page)[1], { method: 'POST', body: form });
    url = new URL(sent.headers.get('location'), url).href;
  }
  throw new Error('the provider sends the browser in circles');
}

/** Comes back to the exchange; gives the word that the page is sent, or none. */
async function comeBack(browser, exchange, address) {
  const answer = await browser.ask(exchange.url + address.slice(SITE.length));
  equal(`status of the way back (${await answer.text()})`, answer.status, 303);
  const to = answer.headers.get('location');
  holds('the browser stays on the site', to === '/welcome' || to.startsWith('/welcome?sign_in='), to);
  return new URL(to, SITE).searchParams.get('sign_in');
}

async function whoIs(browser, exchange) {
  const answer = await browser.ask(`${exchange.url}/users/me`);
  return answer.status === 200 ? answer.json() : null;
}

/** A browser that signs in as this user of the certified provider; the word that the page is sent. */
async function signIn(exchange, login) {
  const browser = new Browser();
  const back = await agree(browser, await leave(browser, exchange, 'certified'), login);
  return { browser, back, word: await comeBack(browser, exchange, back) };
}

async function strangers(exchange) {
  step('a user of the other site becomes one of ours, and is the same the next time');
  const first = await signIn(exchange, 'ann');
  equal('the word', first.word, null);
  const ann = await whoIs(first.browser, exchange);
  equal('who it is', [ann.email, ann.state, ann.level, ann.role], ['ann@demo.example', 'active', 1, 'member']);
  const sessions = await (await first.browser.ask(`${exchange.url}/api/v2/me/sessions`)).json();
  equal('how it came', sessions.map((one) => one.amr), [['fed']]);
  const again = await signIn(exchange, 'ann');
  equal('the same', (await whoIs(again.browser, exchange)).uid, ann.uid);
  step('an address that the other site has not verified is nobody\'s here');
  const other = await whoIs((await signIn(exchange, 'unverified-bob')).browser, exchange);
  equal('address and level', [other.email, other.level], [undefined, 0]);
}

async function linking(exchange) {
  step('who has the address already is not taken over, but links the other site himself');
  equal('the word', (await signIn(exchange, 'alice')).word, 'oidc_email_taken');
  const browser = new Browser();
  const body = JSON.stringify({ email: 'alice@demo.example', password: exchange.passwords['alice@demo.example'] });
  const json = { 'content-type': 'application/json' };
  const entered = await browser.ask(`${exchange.url}/api/v2/auth/sign-in`, { method: 'POST', body, headers: json });
  const { access_token: token, user: alice } = await entered.json();
  const bearer = { authorization: `Bearer ${token}` };
  const address = await leave(browser, exchange, 'certified', '/api/v2/me/identities/certified/start', bearer);
  equal('the word', await comeBack(browser, exchange, await agree(browser, address, 'alice')), 'linked');
  const list = async () => (await browser.ask(`${exchange.url}/api/v2/me/identities`, { headers: bearer })).json();
  equal('what is linked', (await list()).map((one) => one.subject), ['alice']);
  equal('who comes by it', (await whoIs((await signIn(exchange, 'alice')).browser, exchange)).uid, alice.uid);
  const taken = await leave(browser, exchange, 'certified', '/api/v2/me/identities/certified/start', bearer);
  const strange = new Browser();
  strange.jars.set(exchange.url, browser.cookies(exchange.url));
  equal('another\'s', await comeBack(strange, exchange, await agree(strange, taken, 'ann')), 'oidc_taken');
  await codes(exchange, browser, bearer, alice);
  const [{ id }] = await list();
  equal('unlinking', (await browser.ask(`${exchange.url}/api/v2/me/identities/${id}`, { method: 'DELETE', headers: bearer })).status, 204);
  equal('the word after it', (await signIn(exchange, 'alice')).word, 'oidc_email_taken');
}

async function codes(exchange, browser, bearer, alice) {
  step('who has an authenticator shows a code besides');
  const post = async (who, path, body, headers = {}) => who.ask(exchange.url + path,
    { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  const { secret } = await (await post(browser, '/api/v2/me/totp', {}, bearer)).json();
  const app = new TOTP({ secret });
  const now = Date.now();
  const confirmed = await post(browser, '/api/v2/me/totp/confirm', { code: app.generate({ timestamp: now }) }, bearer);
  equal('the authenticator is on', confirmed.status, 200);
  const { browser: next, word } = await signIn(exchange, 'alice');
  equal('the word', word, 'code_needed');
  equal('who is in so far', await whoIs(next, exchange), null);
  equal('a wrong code', (await post(next, '/api/v2/auth/oidc/code', { otp: '000000' })).status, 403);
  const code = { otp: app.generate({ timestamp: now + 30_000 }), session: 'cookie' };
  equal('a code without the browser', (await post(new Browser(), '/api/v2/auth/oidc/code', code)).status, 400);
  equal('the right code', (await post(next, '/api/v2/auth/oidc/code', code)).status, 200);
  equal('who is in', (await whoIs(next, exchange)).uid, alice.uid);
}

async function strayBrowsers(exchange) {
  step('a way back that this browser did not begin leads nowhere');
  const [victim, attacker] = [new Browser(), new Browser()];
  const mine = await agree(attacker, await leave(attacker, exchange, 'certified'), 'ann');
  equal('without a cookie', await comeBack(new Browser(), exchange, mine), 'oidc_flow_unknown');
  await leave(victim, exchange, 'certified');
  equal('the attacker\'s code in the victim\'s browser', await comeBack(victim, exchange, mine), 'oidc_flow_unknown');
  equal('nobody is in', await whoIs(victim, exchange), null);
  const changed = (name, value) => {
    const url = new URL(mine);
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
    return url.href;
  };
  const kept = new Map(attacker.cookies(exchange.url));
  const tried = async (address, cookies = kept) => {
    const browser = new Browser();
    browser.jars.set(exchange.url, new Map(cookies));
    const word = await comeBack(browser, exchange, address);
    equal('nobody is in', await whoIs(browser, exchange), null);
    return word;
  };
  for (const [name, value] of [['state', 'x'], ['state', null], ['code', null], ['code', ''], ['iss', 'http://evil.example']]) {
    equal(`${name}=${value}`, await tried(changed(name, value)), 'oidc_flow_unknown');
  }
  const [[cookie, sealed]] = kept;
  equal('a cookie that was changed', await tried(mine, [[cookie, `${sealed.slice(0, -2)}00`]]), 'oidc_flow_unknown');
  equal('a code of nobody', await tried(changed('code', 'x')), 'oidc_token_refused');
  equal('no', await tried(changed('error', 'access_denied')), 'oidc_denied');
  equal('no, with more to it', await tried(changed('error', '"><script>')), 'oidc_denied');
  equal('the right way', await comeBack(attacker, exchange, mine), null);
  equal('a code for the second time', await tried(mine), 'oidc_token_refused');
  const unknown = await new Browser().ask(`${exchange.url}/api/v2/auth/oidc/nobody/start`, { method: 'POST' });
  equal('a site that is not trusted', unknown.status, 404);
}

async function forgeries(exchange, liar) {
  step('a token is refused unless everything about it is right');
  const attempt = async (forge) => {
    const browser = new Browser();
    const address = new URL(await leave(browser, exchange, 'forger'));
    liar.nonce = address.searchParams.get('nonce');
    liar.forge = forge;
    const state = address.searchParams.get('state');
    const word = await comeBack(browser, exchange, `${SITE}${CALLBACK}?code=any&state=${state}`);
    return [word, await whoIs(browser, exchange)];
  };
  const { ours, other, spki } = liar;
  const hmac = async (claims, key) => {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = `${part({ alg: 'HS256', kid: 'one' })}.${part(claims)}`;
    return `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`;
  };
  const [word, mallory] = await attempt((claims) => signed(claims, ours.privateKey));
  equal('the right one', [word, mallory.email], [null, undefined]);
  const proof = liar.asked.findLast(([path]) => path === '/token')[1];
  holds('the proof key goes along', new URLSearchParams(proof).get('code_verifier').length === 43, proof);
  const forged = {
    'another key': (claims) => signed(claims, other.privateKey),
    'no signature': (claims) => new UnsecuredJWT(claims).encode(),
    'HS256 with the public key': (claims) => hmac(claims, spki),
    'HS256 with the secret': (claims) => hmac(claims, CLIENT.secret),
    'another issuer': (claims) => signed({ ...claims, iss: 'https://evil.example' }, ours.privateKey),
    'another audience': (claims) => signed({ ...claims, aud: 'another' }, ours.privateKey),
    'more audiences': (claims) => signed({ ...claims, aud: [CLIENT.id, 'another'] }, ours.privateKey),
    'an old one': (claims) => signed({ ...claims, exp: claims.iat - 1, iat: claims.iat - 60 }, ours.privateKey),
    'another nonce': (claims) => signed({ ...claims, nonce: 'x' }, ours.privateKey),
    'no nonce': ({ nonce: _, ...claims }) => signed(claims, ours.privateKey),
    'no subject': ({ sub: _, ...claims }) => signed(claims, ours.privateKey),
    'a subject of 300 bytes': (claims) => signed({ ...claims, sub: 'a'.repeat(300) }, ours.privateKey),
    'no token': () => 'x',
  };
  for (const [what, forge] of Object.entries(forged)) equal(what, await attempt(forge), ['oidc_token_refused', null]);
  const claiming = await attempt((claims) => signed({ ...claims, sub: 'eve', email: 'eve@demo.example', email_verified: true }, ours.privateKey));
  equal('an address that the site is not trusted with', claiming[1].email, undefined);
}

async function main() {
  await withServer(async (certifiedServer, certifiedUrl) => withServer(async (forgerServer, forgerUrl) => {
    certifiedServer.handler = certified(certifiedUrl).callback();
    const liar = await forger(forgerServer, forgerUrl);
    const provider = (id, issuer, trust) => (
      { id, name: id, issuer, client_id: CLIENT.id, client_secret: CLIENT.secret, trust_email: trust });
    const providers = [provider('certified', certifiedUrl, true), provider('forger', forgerUrl, false)];
    const settings = { SITE_URL: SITE, OIDC_PROVIDERS: JSON.stringify(providers), OIDC_LANDING: '/welcome' };
    await withExchange(settings, async (exchange) => {
      const listed = await (await fetch(`${exchange.url}/api/v2/auth/oidc`)).json();
      equal('the sites', listed, [{ id: 'certified', name: 'certified' }, { id: 'forger', name: 'forger' }]);
      await strangers(exchange);
      await linking(exchange);
      await strayBrowsers(exchange);
      await forgeries(exchange, liar);
    });
  }));
}

run(main);
