import type { Key as InkKey } from 'ink';

/**
 * One key press. Text comes character by character, so that what is typed fast or pasted means the same as typed
 * slowly.
 */
export type Key =
  | { name: 'text'; text: string }
  | {
      name:
        | 'up'
        | 'down'
        | 'left'
        | 'right'
        | 'page-up'
        | 'page-down'
        | 'home'
        | 'end'
        | 'tab'
        | 'back-tab'
        | 'enter'
        | 'escape'
        | 'backspace'
        | 'ctrl-a'
        | 'ctrl-c'
        | 'ctrl-e'
        | 'ctrl-l'
        | 'ctrl-u'
        | 'ctrl-w';
    };

const controls: Record<string, Exclude<Key['name'], 'text'>> = {
  '\u0001': 'ctrl-a',
  '\u0003': 'ctrl-c',
  '\u0005': 'ctrl-e',
  '\u0008': 'backspace',
  '\t': 'tab',
  '\n': 'enter',
  '\u000c': 'ctrl-l',
  '\r': 'enter',
  '\u0015': 'ctrl-u',
  '\u0017': 'ctrl-w',
  '\u007f': 'backspace',
};

/** What ink's `useInput` hands over, as keys. Unknown controls are left out. */
export function keysOf(input: string, key: InkKey): Key[] {
  const special = specialKey(key);
  if (special !== undefined) return [{ name: special }];
  if (key.ctrl) {
    const name = controls[String.fromCharCode(input.charCodeAt(0) & 0x1f)];
    return name === undefined || input.length !== 1 ? [] : [{ name }];
  }
  if (key.meta) return [];
  return [...new Intl.Segmenter().segment(input)].flatMap(({ segment }): Key[] => {
    // CR LF is one user-perceived character.
    const name = controls[segment[0] ?? ''];
    if (name !== undefined) return [{ name }];
    return /\p{Cc}/u.test(segment) ? [] : [{ name: 'text', text: segment }];
  });
}

function specialKey(key: InkKey): Exclude<Key['name'], 'text'> | undefined {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'page-up';
  if (key.pageDown) return 'page-down';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.tab) return key.shift ? 'back-tab' : 'tab';
  if (key.return) return 'enter';
  if (key.escape) return 'escape';
  // Ink calls DEL, which the Backspace key of most terminals sends, `delete`.
  if (key.backspace || key.delete) return 'backspace';
  return undefined;
}
