import { defineConfig } from '@playwright/test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const port = Number(process.env.WABOTIQ_E2E_PORT ?? 3210);
// One folder for the run: a fresh database and fresh secrets. Kept in the environment, since the configuration is
// read once in every worker.
process.env.WABOTIQ_E2E_DATA ??= mkdtempSync(join(tmpdir(), 'wabotiq-e2e-'));

export default defineConfig({
  testDir: './tests',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  outputDir: './test-results',
  use: {
    baseURL: `http://localhost:${port}`,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    screenshot: 'only-on-failure',
    trace: 'off',
  },
  webServer: {
    command: '../target/release/wabotiq serve',
    url: `http://127.0.0.1:${port}/readyz`,
    timeout: 60_000,
    stdout: 'pipe',
    stderr: 'pipe',
    env: {
      WABOTIQ_ADDR: `127.0.0.1:${port}`,
      PUBLIC_BASE_URL: `http://localhost:${port}`,
      WABOTIQ_DATA: process.env.WABOTIQ_E2E_DATA!,
      DATABASE_URL: `sqlite://${process.env.WABOTIQ_E2E_DATA}/wabotiq.db?mode=rwc`,
      WABOTIQ_DEMO: 'true',
      WABOTIQ_ENV: 'development',
      // All tests come from one address.
      SIGN_IN_PER_MINUTE: '100',
      LEPTOS_SITE_ROOT: '../target/site',
    },
  },
});
