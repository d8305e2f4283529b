import { Box, useInput } from 'ink';
import { useSyncExternalStore, type ReactElement } from 'react';
import { keysOf } from '../keys.js';
import { shareRows, smallestScreen } from '../live-layout.js';
import type { LiveState } from '../live-model.js';
import type { LiveStore } from '../live-store.js';
import { cutLine, type Line } from '../style.js';
import { clean } from '../text-cells.js';
import { childrenLines } from './children.js';
import { exchangeLines } from './exchanges.js';
import { footerLine } from './footer.js';
import { headerLine } from './header.js';
import { helpLines } from './help.js';
import { messageLine } from './prompt.js';
import { Rows } from './row.js';
import { sessionLines } from './sessions.js';

/** The whole screen: draws the store's state, hands it the keys. */
export function LiveView({ store, colour }: { store: LiveStore; colour: boolean }): ReactElement {
  const state = useSyncExternalStore(store.subscribe, store.state);
  useInput((input, key) => {
    for (const pressed of keysOf(input, key)) store.press(pressed);
  });
  const { columns, rows } = state.size;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Rows lines={screenLines(state)} height={rows} width={columns} colour={colour} />
    </Box>
  );
}

/**
 * Every line of the screen for a state: as many as the screen has rows, none wider than it, nothing in them but text.
 * Pure.
 */
export function screenLines(state: LiveState): Line[] {
  const lines = block(allLines(state), state.size.rows);
  return lines.map((line) =>
    cutLine(
      line.map((cell) => ({ ...cell, text: clean(cell.text) })),
      state.size.columns,
    ),
  );
}

function allLines(state: LiveState): Line[] {
  const { columns, rows } = state.size;
  if (columns < smallestScreen.columns || rows < smallestScreen.rows) {
    const needed = `${smallestScreen.columns}×${smallestScreen.rows}`;
    return [
      [{ text: 'proxyctl runs.' }],
      [{ text: `Too small to show it: ${needed} is needed, q quits.`, tone: 'dim' }],
    ];
  }
  const children = childrenLines(state.status?.children ?? [], columns);
  const sections = shareRows(rows, { children: children.length, sessions: state.status?.sessions.length ?? 0 });
  const body: Line[] = state.help
    ? block(helpLines(), sections.sessions + sections.exchanges + 2)
    : [
        ...block(sessionLines(state, sections.sessions), sections.sessions + 1),
        ...block(exchangeLines(state, sections.exchanges), sections.exchanges + 1),
      ];
  return [headerLine(state), ...block(children, sections.children), ...body, messageLine(state), footerLine(state)];
}

function block(lines: readonly Line[], height: number): Line[] {
  return Array.from({ length: height }, (_, index) => lines[index] ?? []);
}
