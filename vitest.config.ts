import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { bulkFiles, testGroups, type GroupName } from './test/helpers/groups.js';

const files = testGroups();
const setups = (...names: string[]): string[] => names.map((name) => `test/helpers/setup/${name}.ts`);
/** Files that wait (for processes, retries, real delays) more than they compute: more of them at once than there are cores. */
const waiting = Math.max(availableParallelism() * 3, 6);
/** Tests that start processes end by events. What hangs is ended after so long; what is slow on a busy machine is not. */
const patient = { testTimeout: 120_000, hookTimeout: 120_000 };

/** The groups run one after another, in the order of `groupNames`; what each needs is set up when it has a file to run. */
function group(name: GroupName, order: number, test: TestProjectInlineConfiguration['test']) {
  return {
    extends: true as const,
    test: {
      name,
      include: files[name],
      testTimeout: 30_000,
      hookTimeout: 60_000,
      sequence: { groupOrder: order },
      ...test,
    },
  };
}

export default defineConfig({
  // As the build compiles it: the view loads React's production build, which has no runtime for JSX in development.
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    projects: [
      // Pure code: needs Node alone, and no file leaves anything behind that another could see.
      group('unit', 1, { pool: 'threads', isolate: false, maxWorkers: availableParallelism() }),
      // Sockets and small processes: Node alone.
      group('socket', 2, { pool: 'forks', maxWorkers: waiting }),
      group('stack', 3, { ...patient, pool: 'forks', maxWorkers: waiting, globalSetup: setups('build', 'toxiproxy') }),
      group('s3', 3, {
        ...patient,
        pool: 'forks',
        maxWorkers: waiting,
        globalSetup: setups('build', 'toxiproxy', 'versitygw'),
      }),
      group('timed', 4, {
        pool: 'forks',
        fileParallelism: false,
        maxWorkers: 1,
        globalSetup: setups('build', 'toxiproxy'),
      }),
      {
        // The same tests with whole sizes.
        extends: true,
        test: {
          name: 'bulk',
          include: bulkFiles(),
          globalSetup: setups('build', 'toxiproxy', 'versitygw'),
          env: { PROXYCTL_TEST_BULK: 'whole' },
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 6 },
        },
      },
      {
        // What `scripts/setup-e2e.sh` installs: engines, browsers, other languages' clients.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.{ts,tsx}'],
          globalSetup: setups('build', 'toxiproxy', 'versitygw'),
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
