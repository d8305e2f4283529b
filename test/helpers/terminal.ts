import { randomUUID } from 'node:crypto';
import { eventually, mustRun } from './processes.js';

/** A real terminal of a given size with a shell in it: tmux on a server of its own. */
export class TestTerminal implements AsyncDisposable {
  private constructor(readonly server: string) {}

  static async open(columns: number, rows: number, env: Record<string, string> = {}): Promise<TestTerminal> {
    const terminal = new TestTerminal(`proxyctl-${randomUUID().slice(0, 8)}`);
    const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', String(columns), '-y', String(rows)];
    // No configuration of the user's, and a shell without any, whose prompt is known.
    const shell = ['env', 'PS1=$ ', 'sh'];
    await terminal.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, ...variables, ...shell);
    return terminal;
  }

  /** Types text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `Up`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The screen's lines, without white space at their ends. */
  async lines({ styled = false } = {}): Promise<string[]> {
    const { stdout } = await this.#tmux('capture-pane', '-p', ...(styled ? ['-e'] : []));
    return stdout.split('\n').map((line) => line.trimEnd());
  }

  /** Lines that were scrolled off the screen, and the screen. */
  async history(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-S', '-')).stdout;
  }

  /** Whether the other screen is shown, the one without a history. */
  async isFullScreen(): Promise<boolean> {
    return (await this.#tmux('display-message', '-p', '#{alternate_on}')).stdout === '1';
  }

  async cursorShown(): Promise<boolean> {
    return (await this.#tmux('display-message', '-p', '#{cursor_flag}')).stdout === '1';
  }

  /** Resolves with the screen once `text` is on it; throws with what is there instead after `limitMs`. */
  async shows(text: string | RegExp, limitMs = 20_000): Promise<string[]> {
    const found = (lines: string[]): boolean =>
      lines.some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line)));
    const lines = await eventually(() => this.lines(), found, limitMs);
    if (found(lines)) return lines;
    throw new Error(`Not on the screen within ${limitMs / 1000} s: ${String(text)}\n${lines.join('\n')}`);
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tmux(...args: string[]) {
    return mustRun('tmux', ['-L', this.server, ...args], { limitMs: 10_000, env: { LC_ALL: 'C.UTF-8' } });
  }
}
