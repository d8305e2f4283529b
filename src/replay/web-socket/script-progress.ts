import { isHeartbeat, type Script, type ScriptedMessage } from './script.js';
import type { WebSocketMessage } from '../../http/index.js';
import type { ClientMessages, Agreement } from './messages.js';

/** A recorded WebSocket: its position in the recording, what was said on it, and how its messages are compared. */
export interface RecordedConversation {
  position: number;
  script: Script;
  messages: ClientMessages;
}

/** What happened on a live connection: a recorded message was sent to the client, or one of the client came. */
export type Turn = { sent: ScriptedMessage } | { received: WebSocketMessage };

/** What it means that a live connection goes along a recorded one that it did not go along before. */
export interface Followed {
  agreements: Agreement[];
  /** Recorded messages of the server, each with the one of another connection that was sent in its place. */
  told: [ScriptedMessage, ScriptedMessage][];
}

/** What a client's message was: one of those still to come, one that came before and is sent again, or a heartbeat. */
type Received =
  | { is: 'expected'; recorded: ScriptedMessage; agreement: Agreement }
  | { is: 'repeated'; recorded: ScriptedMessage }
  | { is: 'heartbeat' };

/** How far a live connection has come along a recorded one. */
export class ScriptProgress {
  readonly unsent: ScriptedMessage[];
  readonly #unreceived: ScriptedMessage[];
  readonly #received: ScriptedMessage[] = [];

  constructor(readonly conversation: RecordedConversation) {
    this.unsent = [...conversation.script.fromServer];
    this.#unreceived = [...conversation.script.fromClient];
  }

  /** The client's message that comes next in recorded order. */
  get expected(): ScriptedMessage | undefined {
    return this.#unreceived[0] ?? this.conversation.script.fromClient.at(-1);
  }

  /** All that the client said has been said again, heartbeats aside. */
  get isHeard(): boolean {
    return this.#unreceived.every(({ heartbeat }) => heartbeat);
  }

  /** The messages of the client that a message of the server came after have come. */
  mayBeSent(message: ScriptedMessage): boolean {
    return !this.#unreceived.some(({ place, heartbeat }) => place < message.place && !heartbeat);
  }

  /** Undefined: the client's message was not recorded here, and nothing changes. */
  receive(message: WebSocketMessage): Received | undefined {
    const { messages } = this.conversation;
    const found = messages.find(this.#unreceived, message);
    if (found !== undefined) {
      this.#unreceived.splice(this.#unreceived.indexOf(found.recorded), 1);
      this.#received.push(found.recorded);
      return { is: 'expected', ...found };
    }
    const beats = isHeartbeat(message.data.toString('utf8'));
    const earlier = messages.find([...this.#received].reverse(), message);
    if (earlier !== undefined && (beats || messages.asks(message)))
      return { is: 'repeated', recorded: earlier.recorded };
    return beats ? { is: 'heartbeat' } : undefined;
  }

  /** A message of the server that answers a question of several which were asked at once, by their ids. */
  answerOutOfTurn(mayFollow: (message: ScriptedMessage) => boolean): ScriptedMessage | undefined {
    return this.unsent.find(
      (message) =>
        message.id !== undefined &&
        mayFollow(message) &&
        this.#received.some(({ id, place }) => id === message.id && place < message.place) &&
        !this.unsent.some((other) => other.id === message.id && other.place < message.place),
    );
  }

  sent(message: ScriptedMessage): void {
    const at = this.unsent.indexOf(message);
    if (at !== -1) this.unsent.splice(at, 1);
  }

  /**
   * What `turns` would have been along this recorded connection, which must be untouched: which values stand for each
   * other then. Undefined: they could not have been. What the server says before the client has said anything depends
   * on nothing that the client does, so that it need not be the same.
   */
  follow(turns: readonly Turn[]): Followed | undefined {
    const { agreements, told }: Followed = { agreements: [], told: [] };
    let isOpening = true;
    for (const turn of turns) {
      if ('received' in turn) {
        isOpening = false;
        const received = this.receive(turn.received);
        if (received === undefined) return undefined;
        if (received.is === 'expected') agreements.push(received.agreement);
        continue;
      }
      const { messages } = this.conversation;
      const own = isOpening
        ? this.unsent[0]
        : this.unsent.find((message) => messages.areOne(message, turn.sent) && this.mayBeSent(message));
      if (own === undefined || !this.mayBeSent(own)) return undefined;
      this.sent(own);
      told.push([own, turn.sent]);
    }
    return { agreements, told };
  }
}
