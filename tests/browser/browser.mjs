// Chromium for the tests: the system's, or the one that CHROMIUM names.
import { existsSync } from 'node:fs';

let playwright;
try {
  playwright = await import('playwright-core');
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  throw new Error('package playwright-core is missing, install it with: npm ci --prefix tests/browser');
}

function chromium() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => file && existsSync(file));
  if (!found) throw new Error('no Chromium: install the package chromium or set CHROMIUM to the program');
  return found;
}

export const launch = (...more) => playwright.chromium.launch({
  executablePath: chromium(),
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', ...more],
});
