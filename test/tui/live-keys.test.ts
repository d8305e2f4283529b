import { expect, test } from 'vitest';
import type { Key } from '../../src/tui/keys.js';
import { pressKey } from '../../src/tui/live-keys.js';
import { reduce, type Effect, type LiveState } from '../../src/tui/live-model.js';
import { requestEvent, sampleSession, sampleToxic, start, stateWith, typed } from './samples.js';

function press(state: LiveState, ...keys: Key[]): { state: LiveState; effect?: Effect } {
  let effect: Effect | undefined;
  for (const key of keys) ({ state, effect } = pressKey(state, key));
  return { state, effect };
}

const enter: Key = { name: 'enter' };
const escape: Key = { name: 'escape' };

test('l and Enter add the latency that is offered', () => {
  const { state, effect } = press(stateWith(), ...typed('l'), enter);
  expect(effect).toEqual({
    type: 'add-toxic',
    session: 'default',
    request: { type: 'latency', attributes: { latency: '300ms' } },
  });
  expect(state.prompt).toMatchObject({ kind: 'toxic', busy: true });
});

test('another value, and flags, can be typed instead', () => {
  const clear: Key = { name: 'ctrl-u' };
  const { effect } = press(stateWith(), ...typed('b'), clear, ...typed('1.6mbit --stream both'), enter);
  expect(effect).toMatchObject({ request: { type: 'bandwidth', stream: 'both', attributes: { rate: '1.6mbit' } } });
});

test('a toxic that is there already is offered with its values, and changed', () => {
  const toxic = sampleToxic({ attributes: { latency: 250, jitter: 20 }, toxicity: 0.5 });
  const asked = press(stateWith([sampleSession({ toxics: [toxic] })]), ...typed('l'));
  expect(asked.state.prompt).toMatchObject({ input: { text: '250ms --jitter 20ms --toxicity 0.5' } });
  expect(press(asked.state, enter).effect).toEqual({
    type: 'change-toxic',
    session: 'default',
    name: 'latency_downstream',
    change: { attributes: { latency: '250ms', jitter: '20ms' }, toxicity: 0.5 },
  });
  expect(press(asked.state, ...typed(' --stream upstream'), enter).effect).toMatchObject({ type: 'add-toxic' });
});

test('what cannot be understood is said in the prompt, where it can be made right', () => {
  const { state, effect } = press(stateWith(), ...typed('lx --speed 3'), enter);
  expect(effect).toBeUndefined();
  expect(state.prompt).toMatchObject({ kind: 'toxic', error: expect.stringContaining('no --speed') as string });
  expect(press(state, { name: 'backspace' }).state.prompt).toMatchObject({ error: undefined });
});

test('what the stack refuses is said in the prompt; what it accepts closes it', () => {
  const { state, effect } = press(stateWith(), ...typed('l'), enter);
  if (effect === undefined) throw new Error('nothing was to be done');
  const refused = reduce(state, { type: 'failed', effect, text: '"5" has no unit' });
  expect(refused.prompt).toMatchObject({ error: '"5" has no unit', busy: false });
  const accepted = reduce(state, { type: 'done', effect, text: 'Added latency' });
  expect(accepted.prompt).toBeUndefined();
  expect(accepted.message).toMatchObject({ tone: 'good', text: 'Added latency' });
});

test('while the stack has not answered, Enter does not ask it again, and Escape leaves', () => {
  const { state } = press(stateWith(), ...typed('l'), enter);
  expect(press(state, enter).effect).toBeUndefined();
  expect(press(state, escape).state.prompt).toBeUndefined();
});

test('d takes the proxy down, and up again', () => {
  expect(press(stateWith(), ...typed('d')).effect).toMatchObject({ type: 'add-toxic', request: { type: 'down' } });
  expect(press(stateWith([sampleSession({ enabled: false })]), ...typed('d')).effect).toMatchObject({
    type: 'remove-toxic',
    name: 'down',
  });
});

test('x removes the only toxic at once, and asks which of several', () => {
  const [one, two] = [sampleToxic(), sampleToxic({ name: 'second' })];
  const { stream: _, ...down } = sampleToxic({ name: 'down', type: 'down', attributes: {} });
  const remove = { type: 'remove-toxic', session: 'default' };
  expect(press(stateWith([sampleSession({ toxics: [one] })]), ...typed('x')).effect).toEqual({
    ...remove,
    name: one.name,
  });
  const several = stateWith([sampleSession({ toxics: [one, two, down], enabled: false })]);
  expect(press(several, ...typed('x'), { name: 'down' }, enter).effect).toEqual({ ...remove, name: 'second' });
  expect(press(several, ...typed('x'), { name: 'up' }, enter).effect).toEqual({ ...remove, name: 'down' });
  expect(press(stateWith(), ...typed('x')).state.message?.text).toBe('Session default has no toxics');
});

test('with no session, keys for toxics say so', () => {
  const { state, effect } = press(stateWith([]), ...typed('l'));
  expect(effect).toBeUndefined();
  expect(state.message?.text).toBe('There is no session yet to act on');
});

test('the filter works while it is typed; Escape brings back the one before', () => {
  const filtered = press(stateWith(), ...typed('/Items'), enter).state;
  expect(filtered.filter).toBe('items');
  expect(press(filtered, ...typed('/2')).state.filter).toBe('items2');
  expect(press(filtered, ...typed('/2'), escape).state.filter).toBe('items');
  expect(press(filtered, escape).state.filter).toBe('');
});

test('scrolling up makes the list stand still, End lets it run on', () => {
  const events = Array.from({ length: 100 }, (_, index) => requestEvent(`e${index}`));
  const state = stateWith(undefined, [{ type: 'events', events, now: start }]);
  const up = press(state, { name: 'page-up' }).state;
  expect(up.paused?.scroll).toBeGreaterThan(0);
  expect(press(up, { name: 'page-down' }).state.paused?.scroll).toBe(0);
  expect(press(up, { name: 'home' }).state.paused?.scroll).toBe(99);
  expect(press(up, { name: 'end' }).state.paused).toBeUndefined();
});

test('q and Ctrl-C leave at once when nothing would be broken off', () => {
  expect(press(stateWith(), ...typed('q')).effect).toEqual({ type: 'quit' });
  expect(press(stateWith(), { name: 'ctrl-c' }).effect).toEqual({ type: 'quit' });
});

test('q asks first while something is recorded or under way; y or Ctrl-C mean it', () => {
  const counters = { ...sampleSession().counters, inFlight: 2 };
  const asked = press(stateWith([sampleSession({ mode: 'record', counters })]), ...typed('q'));
  expect(asked.effect).toBeUndefined();
  expect(asked.state.prompt).toMatchObject({
    question: expect.stringContaining('1 session is recording and 2 exchanges') as string,
  });
  expect(press(asked.state, ...typed('n')).state.prompt).toBeUndefined();
  expect(press(asked.state, ...typed('y')).effect).toEqual({ type: 'quit' });
  expect(press(asked.state, { name: 'ctrl-c' }).effect).toEqual({ type: 'quit' });
});

test('a view that has lost its stack can be left', () => {
  const lost = reduce(stateWith([sampleSession({ mode: 'record' })]), {
    type: 'connection',
    connection: { state: 'lost' },
  });
  expect(press(lost, ...typed('q')).effect).toEqual({ type: 'quit' });
});

test('help goes away with any key, which does nothing else', () => {
  const help = press(stateWith(), ...typed('?')).state;
  expect(help.help).toBe(true);
  expect(press(help, ...typed('l')).state).toEqual({ ...help, help: false });
});
