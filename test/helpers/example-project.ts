import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Finished } from './processes.js';
import { proxyctlEnv } from './proxyctl.js';
import { startStackWithOrigin, type StackWithOrigin } from './stack-with-origin.js';

const repository = join(import.meta.dirname, '../..');

/** One of `examples/` as a user has it, and a stack that its tests may use. */
export interface ExampleProject extends StackWithOrigin {
  /** A copy of the example, below the repository so that it finds the same packages. */
  project: string;
  /**
   * Runs a program of node_modules in it, as `proxyctl exec` would: with a proxy in the environment that it may not
   * take.
   */
  run(program: string, ...args: string[]): Promise<Finished>;
}

/** For `beforeAll`: the caller closes it. */
export async function startExample(name: string): Promise<ExampleProject> {
  const running = await startStackWithOrigin(`example-${name}`);
  const work = join(repository, '.work');
  await mkdir(work, { recursive: true });
  const project = await mkdtemp(join(work, `example-${name}-`));
  await cp(join(repository, 'examples', name), project, { recursive: true });
  return {
    ...running,
    project,
    run: (program, ...args) => {
      const { url, token } = running.stack.api.address;
      const env = { PROXYCTL_URL: url, PROXYCTL_TOKEN: token, HTTP_PROXY: 'http://127.0.0.1:9', NO_COLOR: '1' };
      return run(process.execPath, [join(repository, 'node_modules', program), ...args], {
        cwd: project,
        env: proxyctlEnv(running.home.stateDir, env),
        extendEnv: false,
      });
    },
    close: async () => {
      await rm(project, { recursive: true });
      await running.close();
    },
  };
}
