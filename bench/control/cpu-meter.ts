import { ownCpuSeconds } from '../proc.js';
import type { StackProcess } from '../stack-process.js';

/** What a request costs each process, by its user and system time. Needs /proc. */
export class CpuMeter {
  readonly #pids: readonly (readonly [name: string, pid: number])[];
  #before: number[] = [];

  private constructor(pids: readonly (readonly [string, number])[]) {
    this.#pids = pids;
  }

  /** Of the processes of a stack, and of others by name. */
  static async of(stack: StackProcess, others: Record<string, number>): Promise<CpuMeter> {
    const { children } = await stack.api.status();
    const found = children.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid] as const]));
    return new CpuMeter([['supervisor', stack.pid], ...found, ...Object.entries(others)]);
  }

  begin(): void {
    this.#before = this.#now();
  }

  /** `supervisor 170 µs, mitm 400 µs, …, together 800 µs`: since `begin()`, of so many requests. */
  perRequest(requests: number): string {
    const each = this.#now().map((now, index) => ((now - (this.#before[index] ?? 0)) * 1e6) / requests);
    const parts = this.#pids.map(([name], index) => `${name} ${Math.round(each[index] ?? 0)} µs`);
    return `${parts.join(', ')}, together ${Math.round(each.reduce((sum, one) => sum + one, 0))} µs`;
  }

  #now(): number[] {
    return this.#pids.map(([, pid]) => ownCpuSeconds(pid) ?? 0);
  }
}
