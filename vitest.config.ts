import { defineConfig } from 'vitest/config';

/** `main` needs Node alone and what `test/helpers/provision.ts` fetches; `e2e` needs what `scripts/setup-e2e.sh` installs. */
export default defineConfig({
  // As the build compiles it: the view loads React's production build, which has no runtime for JSX in development.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/e2e/**'],
          globalSetup: ['test/helpers/provision.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.{ts,tsx}'],
          globalSetup: ['test/helpers/provision.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
