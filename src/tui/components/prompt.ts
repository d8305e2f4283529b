import type { ExchangeRow } from '../exchange-rows.js';
import type { LiveState, Prompt } from '../live-model.js';
import { cutLine, type Cell, type Line } from '../style.js';
import { cellsOf, cutMiddle } from '../text-cells.js';
import { charactersOf, type TextInput } from '../text-input.js';

/** The line over the footer: what is asked for, else what was just done or went wrong. */
export function messageLine(state: LiveState): Line {
  const { prompt, message, trouble, connection, size } = state;
  if (prompt !== undefined) return cutLine(promptLine(prompt, size.columns), size.columns);
  if (connection.state === 'lost') {
    return [{ text: ` ✗ ${connection.message ?? 'The connection is lost'}. Trying again…`, tone: 'bad' }];
  }
  if (message !== undefined && (trouble === undefined || message.until > state.now)) {
    return [
      {
        text: ` ${message.tone === 'bad' ? '✗' : message.tone === 'good' ? '✓' : '·'} ${message.text}`,
        tone: message.tone,
      },
    ];
  }
  if (trouble === undefined) return [];
  return troubleLine(trouble, size.columns);
}

/**
 * `✗ GET api.example.com/items: refused: …`. The explanation stands nowhere else in full: a long path gives way to it.
 */
function troubleLine({ kind, method, host, path, by, explanation = '' }: ExchangeRow, width: number): Line {
  if (kind === 'note') return [{ text: ` ! ${explanation}`, tone: 'warn' }];
  const why = `${by}: ${explanation}`;
  const what = cutMiddle(`${method} ${host}${path}`, Math.max(24, width - cellsOf(why) - 6));
  return [{ text: ' ✗ ', tone: 'bad' }, { text: `${what}  ` }, { text: why, tone: 'bad' }];
}

/** What may be pressed while something is asked for. */
export function promptKeys(prompt: Prompt): string {
  switch (prompt.kind) {
    case 'toxic':
      return prompt.type === undefined
        ? 'As after "proxyctl toxic": latency 1s --stream both   Enter add   Esc leave'
        : `Enter ${prompt.existing === undefined ? 'add' : 'change'}   Esc leave   also --stream up|both --toxicity 50% --name N`;
    case 'filter':
      return 'Enter keep   Esc as before   matches method, host, path, status, session';
    case 'remove':
      return '↑↓ choose   Enter remove   Esc leave';
    case 'quit':
      return 'y yes   any other key no';
  }
}

function promptLine(prompt: Prompt, width: number): Line {
  switch (prompt.kind) {
    case 'toxic': {
      const verb = prompt.existing === undefined ? 'Add to' : 'Change in';
      const label = ` ${verb} ${prompt.session}: ${prompt.type ?? ''}${prompt.type === undefined ? '' : ' '}`;
      if (prompt.busy === true)
        return [{ text: label, tone: 'strong' }, { text: prompt.input.text }, { text: ' …', tone: 'dim' }];
      return [{ text: label, tone: 'strong' }, ...inputCells(prompt.input, width - cellsOf(label))];
    }
    case 'filter':
      return [{ text: ' /', tone: 'strong' }, ...inputCells(prompt.input, width - 2)];
    case 'remove': {
      const { options, index, session } = prompt;
      const place = `${index + 1}/${options.length}`;
      return [
        { text: ` Remove from ${session}: `, tone: 'strong' },
        { text: options[index]?.label ?? '', tone: 'cursor' },
        { text: `  ${place}  ${options[index]?.name ?? ''}`, tone: 'dim' },
      ];
    }
    case 'quit':
      return [{ text: ` ${prompt.question} `, tone: 'badge' }];
  }
}

/** The text with its cursor; of a long one, the part that ends a little after the cursor. */
function inputCells({ text, cursor }: TextInput, width: number): Cell[] {
  const characters = charactersOf(text);
  const room = Math.max(8, width - 2);
  const start = Math.max(0, cursor + 1 - room);
  return [
    { text: characters.slice(start, cursor).join('') },
    { text: characters[cursor] ?? ' ', tone: 'cursor' },
    { text: characters.slice(cursor + 1, start + room).join('') },
  ];
}
