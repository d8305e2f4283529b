import type { JsonNode } from './json-text.js';

type JsonObject = Extract<JsonNode, { type: 'object' }>;

/** The public signing keys of the JSON Web Key Sets (RFC 7517 §5) that a JSON text holds, at any depth. */
export function publicKeysIn(root: JsonNode): JsonObject[] {
  if (root.type === 'array') return root.items.flatMap(publicKeysIn);
  if (root.type !== 'object') return [];
  return root.members.flatMap(({ key, value }) => {
    const isSet = key === 'keys' && value.type === 'array' && value.items.length > 0 && value.items.every(isKey);
    if (!isSet) return publicKeysIn(value);
    return value.items.filter((item): item is JsonObject => item.type === 'object' && isPublicSigningKey(item));
  });
}

/** The text of a member; undefined when it is none. */
export function textMember(node: JsonNode, name: string): string | undefined {
  if (node.type !== 'object') return undefined;
  const found = node.members.find(({ key }) => key === name)?.value;
  return found?.type === 'string' ? found.value : undefined;
}

function isKey(node: JsonNode): boolean {
  return textMember(node, 'kty') !== undefined;
}

function isPublicSigningKey(node: JsonNode): boolean {
  const isPrivate = textMember(node, 'd') !== undefined;
  return !isPrivate && textMember(node, 'kty') !== 'oct' && textMember(node, 'use') !== 'enc';
}
