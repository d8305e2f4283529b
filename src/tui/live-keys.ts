import type { SessionView } from '../api/schemas.js';
import { messageOf, ProxyctlError } from '../errors/index.js';
import { toxicDefinitions } from '../toxics/index.js';
import type { Key } from './keys.js';
import { messageAt, selectedSession, visibleRows, type Effect, type LiveState, type Prompt } from './live-model.js';
import { editText, textInput } from './text-input.js';
import { formatAttribute, formatToxic } from './toxic-label.js';
import { parseToxicLine } from './toxic-line.js';

/** The state after a key, and what is to be done because of it. Pure. */
interface KeyResult {
  state: LiveState;
  effect?: Effect;
}

/** Keys that ask for one toxic, with the value that is offered. The others are reached by `a`. */
export const toxicKeys: Readonly<Record<string, { type: string; value: string }>> = {
  l: { type: 'latency', value: '300ms' },
  b: { type: 'bandwidth', value: '200kb' },
  t: { type: 'timeout', value: '5s' },
  p: { type: 'packet-loss', value: '5%' },
};

export function pressKey(state: LiveState, key: Key): KeyResult {
  if (key.name === 'ctrl-c') return quit(state);
  if (key.name === 'ctrl-l') return { state, effect: { type: 'repaint' } };
  const { prompt } = state;
  if (prompt !== undefined) return inPrompt(state, prompt, key);
  if (state.help) return { state: { ...state, help: false } };
  return inView(state, key);
}

function inView(state: LiveState, key: Key): KeyResult {
  switch (key.name) {
    case 'up':
    case 'back-tab':
      return { state: select(state, -1) };
    case 'down':
    case 'tab':
      return { state: select(state, 1) };
    case 'page-up':
    case 'page-down':
    case 'home':
    case 'end':
      return { state: scroll(state, key.name) };
    case 'enter':
      return { state: { ...state, onlySelected: !state.onlySelected && state.selected !== undefined } };
    case 'escape':
      return { state: { ...state, filter: '', onlySelected: false, message: undefined, trouble: undefined } };
    case 'text':
      return inViewText(state, key.text);
    default:
      return { state };
  }
}

function inViewText(state: LiveState, text: string): KeyResult {
  switch (text) {
    case 'q':
      return quit(state);
    case '?':
      return { state: { ...state, help: true } };
    case ' ':
      return { state: state.paused === undefined ? pause(state, 0) : resume(state) };
    case '/':
      return ask(state, { kind: 'filter', input: textInput(state.filter), before: state.filter });
  }
  const session = selectedSession(state);
  if (!['a', 'd', 'r', 'x'].includes(text) && !isToxicKey(text)) return { state };
  if (session === undefined) return say(state, 'There is no session yet to act on');
  switch (text) {
    case 'a':
      return ask(state, { kind: 'toxic', session: session.id, input: textInput('') });
    case 'd':
      return { state, effect: toggleDown(session) };
    case 'r':
      return { state, effect: { type: 'reset-toxics', session: session.id } };
    case 'x':
      return remove(state, session);
    default:
      return ask(state, toxicPrompt(session, toxicKeys[text]));
  }
}

function isToxicKey(text: string): boolean {
  return toxicDefinitions.some(({ type }) => type === toxicKeys[text]?.type);
}

function toggleDown({ id, enabled }: SessionView): Effect {
  return enabled
    ? { type: 'add-toxic', session: id, request: { type: 'down' } }
    : { type: 'remove-toxic', session: id, name: 'down' };
}

/** Asks for a toxic's value. One that the session has already is offered with its values, to be changed. */
function toxicPrompt(session: SessionView, offer = { type: '', value: '' }): Prompt {
  const { type, value } = offer;
  const found = session.toxics.find((toxic) => toxic.type === type && !toxic.foreign);
  const base = { kind: 'toxic' as const, session: session.id, type };
  if (found === undefined) return { ...base, input: textInput(value) };
  const argument = toxicDefinitions.find((definition) => definition.type === type)?.argument ?? '';
  const words = Object.entries(found.attributes).flatMap(([name, amount]) => {
    const shown = formatAttribute(type, name, amount);
    if (name === argument) return [shown];
    return amount === 0 ? [] : [`--${name.replaceAll('_', '-')} ${shown}`];
  });
  if (found.toxicity < 1) words.push(`--toxicity ${found.toxicity}`);
  const { name, stream = 'downstream' } = found;
  return { ...base, existing: { name, stream }, input: textInput(words.join(' ')) };
}

function remove(state: LiveState, { id, toxics }: SessionView): KeyResult {
  const options = toxics.map((toxic) => ({ name: toxic.name, label: formatToxic(toxic) }));
  const [first, ...more] = options;
  if (first === undefined) return say(state, `Session ${id} has no toxics`);
  if (more.length === 0) return { state, effect: { type: 'remove-toxic', session: id, name: first.name } };
  return ask(state, { kind: 'remove', session: id, options, index: 0 });
}

function inPrompt(state: LiveState, prompt: Prompt, key: Key): KeyResult {
  if (key.name === 'escape') {
    const closed = closePrompt(state);
    return { state: prompt.kind === 'filter' ? { ...closed, filter: prompt.before } : closed };
  }
  switch (prompt.kind) {
    case 'toxic':
      return inToxicPrompt(state, prompt, key);
    case 'filter': {
      if (key.name === 'enter') return { state: closePrompt(state) };
      const input = editText(prompt.input, key);
      if (input === undefined) return { state };
      return { state: { ...state, prompt: { ...prompt, input }, filter: input.text.trim().toLowerCase() } };
    }
    case 'remove':
      return inChoice(state, prompt, key);
    case 'quit':
      return key.name === 'text' && /^[yY]$/.test(key.text)
        ? { state, effect: { type: 'quit' } }
        : { state: closePrompt(state) };
  }
}

function inToxicPrompt(state: LiveState, prompt: Extract<Prompt, { kind: 'toxic' }>, key: Key): KeyResult {
  if (prompt.busy === true) return { state };
  if (key.name !== 'enter') {
    const input = editText(prompt.input, key);
    return input === undefined ? { state } : { state: { ...state, prompt: { ...prompt, input, error: undefined } } };
  }
  try {
    const effect = toxicEffect(prompt);
    return { state: { ...state, prompt: { ...prompt, busy: true, error: undefined } }, effect };
  } catch (error) {
    if (!(error instanceof ProxyctlError)) throw error;
    return {
      state: { ...state, prompt: { ...prompt, error: [messageOf(error), error.hint].filter(Boolean).join('. ') } },
    };
  }
}

/** Adds a toxic, or changes the one that was offered when neither its name nor its direction was typed anew. */
function toxicEffect({ session, type = '', existing, input }: Extract<Prompt, { kind: 'toxic' }>): Effect {
  const request = parseToxicLine(`${type} ${input.text}`);
  const same =
    existing !== undefined &&
    (request.name ?? existing.name) === existing.name &&
    (request.stream ?? existing.stream) === existing.stream;
  if (!same) return { type: 'add-toxic', session, request };
  const change = {
    attributes: request.attributes ?? {},
    ...(typeof request.toxicity === 'number' ? { toxicity: request.toxicity } : {}),
  };
  return { type: 'change-toxic', session, name: existing.name, change };
}

function inChoice(state: LiveState, prompt: Extract<Prompt, { kind: 'remove' }>, key: Key): KeyResult {
  const { options, index, session } = prompt;
  const move = (by: number): KeyResult => ({
    state: { ...state, prompt: { ...prompt, index: (index + by + options.length) % options.length } },
  });
  switch (key.name) {
    case 'up':
    case 'left':
    case 'back-tab':
      return move(-1);
    case 'down':
    case 'right':
    case 'tab':
      return move(1);
    case 'enter': {
      const name = options[index]?.name;
      return name === undefined
        ? { state: closePrompt(state) }
        : { state: closePrompt(state), effect: { type: 'remove-toxic', session, name } };
    }
    default:
      return { state };
  }
}

/** Leaves at once when nothing would be broken off; else asks. Asked twice, it leaves. */
function quit(state: LiveState): KeyResult {
  const leave: KeyResult = { state, effect: { type: 'quit' } };
  const sessions = state.status?.sessions ?? [];
  if (state.prompt?.kind === 'quit' || state.connection.state !== 'connected') return leave;
  const recording = sessions.filter(({ mode }) => mode === 'record').length;
  const inFlight = sessions.reduce((sum, { counters }) => sum + counters.inFlight, 0);
  const reasons = [
    recording === 0 ? '' : `${recording} ${recording === 1 ? 'session is' : 'sessions are'} recording`,
    inFlight === 0 ? '' : `${inFlight} ${inFlight === 1 ? 'exchange is' : 'exchanges are'} under way`,
  ].filter((reason) => reason !== '');
  if (reasons.length === 0) return leave;
  return ask(state, { kind: 'quit', question: `${reasons.join(' and ')}. Stop the stack?` });
}

function ask(state: LiveState, prompt: Prompt): KeyResult {
  return { state: { ...state, prompt, help: false, message: undefined } };
}

function closePrompt({ prompt: _prompt, ...state }: LiveState): LiveState {
  return state;
}

function say(state: LiveState, text: string): KeyResult {
  return { state: { ...state, message: messageAt(state, 'dim', text) } };
}

function select(state: LiveState, by: number): LiveState {
  const sessions = state.status?.sessions ?? [];
  const index = sessions.findIndex(({ id }) => id === state.selected);
  const next = sessions[Math.max(0, Math.min(sessions.length - 1, index + by))];
  return next === undefined ? state : { ...state, selected: next.id };
}

function pause(state: LiveState, by: number): LiveState {
  return { ...state, paused: { rows: state.rows, fromKey: state.nextKey, scroll: Math.max(0, by) } };
}

function resume({ paused: _paused, ...state }: LiveState): LiveState {
  return state;
}

/** Scrolling up makes the list stand still; End lets it run again. */
function scroll(state: LiveState, key: 'page-up' | 'page-down' | 'home' | 'end'): LiveState {
  if (key === 'end') return resume(state);
  const page = Math.max(1, Math.floor(state.size.rows / 2));
  const { paused } = state.paused === undefined ? pause(state, 0) : state;
  if (paused === undefined) return state;
  const most = Math.max(0, visibleRows({ ...state, paused }).length - 1);
  if (key === 'page-down' && state.paused === undefined) return state;
  const wanted = key === 'home' ? most : paused.scroll + (key === 'page-up' ? page : -page);
  return { ...state, paused: { ...paused, scroll: Math.max(0, Math.min(most, wanted)) } };
}
