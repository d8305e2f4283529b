import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Screen } from '../../src/tui/screen.js';

/** Keeps what a terminal is sent. */
class Terminal extends EventEmitter {
  columns = 10;
  rows = 3;
  sent = '';

  write(data: string): boolean {
    this.sent += data;
    return true;
  }

  take(): string {
    const { sent } = this;
    this.sent = '';
    return sent;
  }
}

class Keyboard extends EventEmitter {
  isRaw = true;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
}

function openScreen() {
  const [terminal, keyboard] = [new Terminal(), new Keyboard()];
  const screen = new Screen(terminal as unknown as NodeJS.WriteStream, keyboard as unknown as NodeJS.ReadStream);
  return { terminal, keyboard, screen };
}

const esc = '\u001b[';

test('only lines that changed are sent, each to its own place', () => {
  const { terminal, screen } = openScreen();
  screen.write('one\ntwo\nthree');
  terminal.take();
  screen.write('one\nTWO\nthree');
  expect(terminal.take()).toBe(`${esc}?2026h${esc}2;1H${esc}2KTWO${esc}0m${esc}?2026l`);
  screen.write('one\nTWO\nthree');
  expect(terminal.take()).toBe('');
  screen.restore();
});

test('lines that are gone are erased, and none is sent below the screen', () => {
  const { terminal, screen } = openScreen();
  screen.write('1\n2\n3\n4\n5');
  expect(terminal.take()).not.toContain(`${esc}4;1H`);
  screen.write('1');
  expect(terminal.take()).toContain(`${esc}3;1H${esc}2K${esc}0m`);
  screen.restore();
});

test('after a change of size everything is sent anew', () => {
  const { terminal, screen } = openScreen();
  screen.write('one\ntwo');
  terminal.take();
  screen.repaint();
  expect(terminal.take()).toBe(
    `${esc}?2026h${esc}2J${esc}1;1H${esc}2Kone${esc}0m${esc}2;1H${esc}2Ktwo${esc}0m${esc}?2026l`,
  );
  screen.restore();
});

test('the scrollback is never erased, and nothing ever scrolls', () => {
  const { terminal, screen } = openScreen();
  screen.write('1\n2\n3\n4');
  screen.repaint();
  screen.restore();
  expect(terminal.sent).not.toContain(`${esc}3J`);
  expect(terminal.sent).not.toContain('\n');
});

test('the terminal is given back once, and nothing is painted after that', () => {
  const { terminal, keyboard, screen } = openScreen();
  terminal.take();
  screen.restore();
  expect(terminal.take()).toBe(`${esc}0m${esc}?7h${esc}?25h${esc}?1049l`);
  expect(keyboard.isRaw).toBe(false);
  screen.restore();
  screen.write('late');
  screen.repaint();
  expect(terminal.take()).toBe('');
});

test('a terminal in use is given back when the process ends', () => {
  const listeners = (): number => process.listenerCount('exit') + process.listenerCount('uncaughtExceptionMonitor');
  const before = listeners();
  const { terminal, screen } = openScreen();
  expect(listeners()).toBe(before + 2);
  process.listeners('exit').at(-1)?.call(process, 0);
  expect(terminal.sent).toContain(`${esc}?1049l`);
  expect(listeners()).toBe(before);
  screen.restore();
});
