import { defineConfig } from '@playwright/test';

export default defineConfig({
  use: {
    browserName: 'chromium',
    // The proxy's certificates are its own; or let the browser trust them: proxyctl ca trust nss
    ignoreHTTPSErrors: true,
    // A browser that is there already; without it Playwright takes the one that it has installed.
    launchOptions: process.env['CHROMIUM'] === undefined ? {} : { executablePath: process.env['CHROMIUM'] },
  },
});
