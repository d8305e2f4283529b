import type { StackApi } from '../api/client.js';
import { environment } from '../config/environment.js';

export interface LiveViewOptions {
  stack: StackApi;
  stdout: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
  /** The user asked to quit; the terminal is as it was before. Not called when `signal` ends the view. */
  onQuit: () => void;
  /** Ends the view, for when the stack is stopped by somebody else. */
  signal?: AbortSignal;
}

/** Whether there is a terminal to show the view on, and a keyboard to leave it by. */
export function canShowLiveView(stdout: NodeJS.WriteStream, stdin: NodeJS.ReadStream): boolean {
  // Of what is no terminal, `isTTY` is undefined, whatever its type says.
  return Boolean(stdout.isTTY && stdin.isTTY) && environment.get('TERM') !== 'dumb';
}

/**
 * Shows what happens in a stack until the user leaves, and lets them act on it. Takes the whole terminal and gives it
 * back. Nothing else may write to the terminal meanwhile. Rejects when the view itself fails, never because of the
 * stack.
 */
export async function showLiveView(options: LiveViewOptions): Promise<void> {
  const { runLiveView } = await inProduction(() => import('./run-live-view.js'));
  await runLiveView(options);
}

/**
 * React decides by NODE_ENV, when it is loaded, which of its builds it is. The one for development keeps a performance
 * entry of each redraw for ever, some 5 MB a second on a busy stack. The variable is put back at once: it is the
 * user's, and CMD inherits it.
 */
async function inProduction<T>(load: () => Promise<T>): Promise<T> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    return await load();
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}
