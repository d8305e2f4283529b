import { render, type Instance } from 'ink';
import { createElement } from 'react';
import { environment } from '../config/environment.js';
import { systemClock } from '../core/clock.js';
import { LiveView } from './components/live-view.js';
import { performEffect } from './live-effects.js';
import { LiveFeed } from './live-feed.js';
import { LiveStore } from './live-store.js';
import { Screen } from './screen.js';
import type { LiveViewOptions } from './index.js';
import type { Effect } from './live-model.js';

/** `showLiveView`, with React and ink loaded. */
export async function runLiveView({ stack, stdout, stdin, onQuit, signal }: LiveViewOptions): Promise<void> {
  const ended = new AbortController();
  let quit = false;
  const screen = new Screen(stdout, stdin);
  const store = new LiveStore(screen.size, act, systemClock);
  const resize = (): void => {
    screen.repaint();
    store.dispatch({ type: 'resized', ...screen.size });
  };
  const end = (): void => ended.abort();
  stdout.on('resize', resize);
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  const feed = new LiveFeed(stack, store, systemClock).run(ended.signal);
  let view: Instance | undefined;
  try {
    view = render(createElement(LiveView, { store, colour: !environment.noColor }), {
      // As far as ink draws, a screen is all that it needs of a terminal.
      stdout: screen as unknown as NodeJS.WriteStream,
      stdin,
      // Every frame in full and at once: the store paces them, and the screen sends what has changed.
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
    });
    const { unmount } = view;
    ended.signal.addEventListener('abort', () => unmount(), { once: true });
    if (ended.signal.aborted) unmount();
    await view.waitUntilExit();
  } finally {
    end();
    view?.unmount();
    store.close();
    stdout.off('resize', resize);
    signal?.removeEventListener('abort', end);
    screen.restore();
    await feed;
  }
  if (quit) onQuit();

  function act(effect: Effect): void {
    if (effect.type === 'quit') {
      quit = true;
      end();
    } else if (effect.type === 'repaint') screen.repaint();
    else void performEffect(stack, store, effect);
  }
}
