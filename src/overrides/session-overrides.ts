import type { Interceptor } from '../http/index.js';
import { Mocks, type MocksOptions } from './mocks.js';
import type { MockCounts, Overrides } from './model.js';
import { Redirects } from './redirects.js';

/** The rules of one session where its exchanges pass. They hold for the next request from when they are set. */
export class SessionOverrides {
  readonly #mocks: Mocks;
  readonly #redirects = new Redirects();

  constructor(options: MocksOptions) {
    this.#mocks = new Mocks(options);
  }

  /** `counts`: what mocks that are new here begin with. */
  set({ mocks, redirects }: Overrides, counts?: Readonly<Record<string, MockCounts>>): void {
    this.#mocks.set(mocks, counts);
    this.#redirects.set(redirects);
  }

  /** Stands before a recording or a replay: what is recorded is what the backend said. */
  get mocks(): Interceptor {
    return this.#mocks.interceptor;
  }

  /** Stands behind it: what is recorded is under the URL that the client asked for. */
  get redirects(): Interceptor {
    return this.#redirects.interceptor;
  }

  /** How often each mock was met; undefined where there is none. */
  counts(): Record<string, MockCounts> | undefined {
    const counts = this.#mocks.counts();
    return Object.keys(counts).length === 0 ? undefined : counts;
  }
}
