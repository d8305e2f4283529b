import type { ServedExchanges } from '../select/served.js';
import type { Playback } from './playback.js';
import { ScriptProgress, type Followed, type RecordedConversation } from './script-progress.js';

/** A live connection, and the recorded ones that it may turn out to be, in recorded order. */
export interface LiveConversation {
  playback: Playback;
  options: readonly RecordedConversation[];
  /** It goes along `option` from now on. */
  movedTo: (option: RecordedConversation) => void;
}

/**
 * Which recorded connection each live one is. Several that begin alike are told apart by what their clients say: a live
 * one that says what its recorded one has not moves to one that has it, be it free or one that another live connection
 * can do without as well.
 */
export class Conversations {
  readonly #served: ServedExchanges;
  readonly #mayRepeat: boolean;
  readonly #live = new Map<number, LiveConversation>();

  /** `mayRepeat`: what was said on a recorded connection may be said again on one more live one. */
  constructor(served: ServedExchanges, mayRepeat: boolean) {
    this.#served = served;
    this.#mayRepeat = mayRepeat;
  }

  add(conversation: LiveConversation): void {
    const { position } = conversation.playback;
    if (!this.#live.has(position)) this.#live.set(position, conversation);
  }

  remove(conversation: LiveConversation): void {
    const { position } = conversation.playback;
    if (this.#live.get(position) === conversation) this.#live.delete(position);
  }

  /** Finds another recorded connection that all turns of a live one fit. False: there is none. */
  move(conversation: LiveConversation): boolean {
    const { position } = conversation.playback;
    const isOwner = this.#live.get(position) === conversation;
    if (isOwner) this.#live.delete(position);
    const moves = this.#moves(conversation, new Set([position]), isOwner ? position : undefined);
    if (moves === undefined) {
      if (isOwner) this.#live.set(position, conversation);
      return false;
    }
    this.#carryOut(moves, isOwner);
    return true;
  }

  /** `free`: the position that the first one leaves. */
  #moves(conversation: LiveConversation, tried: Set<number>, free: number | undefined): Move[] | undefined {
    const ofOthers: [Move, LiveConversation][] = [];
    let again: Move | undefined;
    for (const option of conversation.options) {
      const { position } = option;
      if (position === conversation.playback.position || (tried.has(position) && position !== free)) continue;
      const progress = new ScriptProgress(option);
      const followed = progress.follow(conversation.playback.turns);
      if (followed === undefined) continue;
      const move = { conversation, progress, followed };
      if (position === free || !this.#served.isUsed(position)) return [move];
      const holder = this.#live.get(position);
      if (holder !== undefined) ofOthers.push([move, holder]);
      again ??= move;
    }
    for (const [move, holder] of ofOthers) {
      tried.add(move.progress.conversation.position);
      const rest = this.#moves(holder, tried, free);
      if (rest !== undefined) return [move, ...rest];
    }
    return this.#mayRepeat && again !== undefined ? [again] : undefined;
  }

  #carryOut(moves: readonly Move[], isOwner: boolean): void {
    const left = moves.map(({ conversation }) => conversation.playback.position);
    const taken = moves.map(({ progress }) => progress.conversation.position);
    const free = isOwner ? left.find((position) => !taken.includes(position)) : undefined;
    const gained = taken.find((position) => !left.includes(position) && !this.#served.isUsed(position));
    const names = moves.flatMap(({ progress: { conversation }, followed }) =>
      followed.told.flatMap(([own, told]) => conversation.messages.namesIn(own, told)),
    );
    moves[0]?.progress.conversation.messages.exchangeNames(names);
    if (gained !== undefined && free !== undefined) this.#served.exchange(free, gained);
    else if (gained !== undefined) this.#served.mark(gained);
    else if (free !== undefined) this.#served.withdraw(free);
    for (const { conversation, progress, followed } of moves) {
      const { position, messages } = progress.conversation;
      for (const agreement of followed.agreements) messages.bind(agreement);
      if (isOwner || position === gained) this.#live.set(position, conversation);
      conversation.playback.moveTo(progress, followed);
      conversation.movedTo(progress.conversation);
    }
  }
}

interface Move {
  conversation: LiveConversation;
  /** Along the recorded connection that it moves to. */
  progress: ScriptProgress;
  followed: Followed;
}
