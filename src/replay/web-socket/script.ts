import { opcodes, type RecordedMessage, type WebSocketMessage } from '../../http/index.js';

/** A recorded message. `place` is its place among all of its connection, `atMs` milliseconds since 1970. */
export interface ScriptedMessage extends WebSocketMessage {
  place: number;
  atMs: number;
  /** What it says as text; of a binary one: nothing. */
  text: string;
  /** What it says of itself, to tell which answer belongs to which question: `id`, `requestId`, … */
  id: string | undefined;
  /** Kept up by a timer, so that there may be more of them in one run than in another. */
  heartbeat: boolean;
}

/** What was said on a recorded WebSocket. */
export interface Script {
  fromClient: ScriptedMessage[];
  /** Without answers to heartbeats and without the response to a close of the client. */
  fromServer: ScriptedMessage[];
  /** What the server said after this message of the client and before its next one. */
  reactions: ReadonlyMap<number, ScriptedMessage[]>;
  /** The body of the close frame that answered the client's. */
  closeReply: Buffer | undefined;
}

export function scriptOf(messages: readonly RecordedMessage[]): Script {
  const fromClient: ScriptedMessage[] = [];
  const fromServer: ScriptedMessage[] = [];
  const reactions = new Map<number, ScriptedMessage[]>();
  let closeReply: Buffer | undefined;
  let clientCloses = false;
  let last: ScriptedMessage | undefined;
  messages.forEach((recorded, place) => {
    const message = scripted(recorded, place);
    const { opcode } = message;
    if (recorded.type === 'send') {
      if (opcode === opcodes.close) clientCloses = true;
      if (opcode !== opcodes.text && opcode !== opcodes.binary) return;
      fromClient.push(message);
      reactions.set(place, []);
      last = message;
    } else if (opcode === opcodes.close && clientCloses) {
      closeReply = message.data;
    } else if (opcode !== opcodes.pong) {
      if (opcode === opcodes.text || opcode === opcodes.binary) reactions.get(last?.place ?? -1)?.push(message);
      if (!(message.heartbeat && last?.heartbeat === true)) fromServer.push(message);
    }
  });
  return { fromClient, fromServer, reactions, closeReply };
}

function scripted({ opcode, data, time }: RecordedMessage, place: number): ScriptedMessage {
  const bytes = Buffer.from(data, opcode === opcodes.text ? 'utf8' : 'base64');
  const text = opcode === opcodes.text ? data : '';
  return { place, opcode, data: bytes, atMs: time * 1000, text, id: ownId(text), heartbeat: isHeartbeat(text) };
}

const heartbeat =
  /^\s*(?:\{[^{}]*"(?:type|op|event|action|method|kind|cmd|msg|message)"\s*:\s*"(?:ping|pong|heart_?beat(?:[_-]?ack)?|keep_?-?alive|ka|hb)"[^{}]*\}|"?(?:ping|pong|heart_?beat|keep_?-?alive)"?|[23h])\s*$/i;

export function isHeartbeat(text: string): boolean {
  return text.length > 0 && text.length <= 200 && heartbeat.test(text);
}

/** The id that a JSON object names itself by; answers repeat it. */
function ownId(text: string): string | undefined {
  return /^\s*\{[^{}[\]]*?"(?:id|request_?id|req_?id|msg_?id|message_?id|correlation_?id|seq|ref)"\s*:\s*("[^"]{1,100}"|\d+)/i.exec(
    text,
  )?.[1];
}
