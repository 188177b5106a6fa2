// An exchange of the script's own: with settings that the runner's exchange does not have, and with what it says at its start.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { equal } from './life.mjs';

// Longest time from the start to the line that names the address.
const START_MS = 60_000;

/**
 * Runs `use` with `rialto run --demo` on a free port with an empty data folder, then ends it with SIGTERM, which must succeed.
 *
 * `settings` are environment variables without their `RIALTO_`. `use` is given `url`, where it listens, and `passwords`, those of the
 * demo's users by their address.
 */
export async function withExchange(settings, use) {
  const data = mkdtempSync(join(tmpdir(), 'rialto-'));
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('RIALTO_'));
  const ours = Object.entries({ GRPC_LISTEN: '127.0.0.1:0', ...settings }).map(([name, value]) => [`RIALTO_${name}`, value]);
  const child = spawn(process.env.RIALTO_BINARY, ['run', '--demo', '--listen', '127.0.0.1:0', '--data', data],
    { env: Object.fromEntries([...others, ...ours]), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => { child.on('exit', (status) => resolve(status)); });
  const said = [];
  try {
    await use(await announced(child, said));
    child.kill('SIGTERM');
    equal('the status of the exchange after SIGTERM', await ended, 0);
  } catch (error) {
    console.log(said.slice(-100).map((line) => `    ${line}`).join('\n'));
    throw error;
  } finally {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}

function announced(child, said) {
  const passwords = {};
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('the exchange does not say where it listens')), START_MS).unref();
    child.on('exit', () => reject(new Error('the exchange ended before it said where it listens')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const [, email, password] = /^demo user (\S+) .*password=(\S+)/.exec(line) ?? [];
      if (email) passwords[email] = password;
      const [, url] = /^listening on (\S+)/.exec(line) ?? [];
      if (url) resolve({ url: url.replace(/\/$/, ''), passwords });
    });
  });
}
