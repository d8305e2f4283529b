const token =
  /"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n\r]*|\.\.\.|[_A-Za-z]\w*|-?\d[\d.eE+-]*|[!$&()=:@[\]{|}]/g;

/** Longer texts are no documents. */
const maxDocument = 1024 * 1024;

/** Whether a text looks like a GraphQL document: an operation, a fragment or a bare selection. */
export function looksLikeGraphql(text: string): boolean {
  if (text.length > maxDocument) return false;
  return /^\s*(?:#[^\n]*\s+)*(?:(?:query|mutation|subscription|fragment)\b[^{]*)?\{/.test(text);
}

/** The tokens of a GraphQL document (spec §2.1) parted by one space: white space, commas and comments do not count. */
export function graphqlTokens(document: string): string {
  return (document.match(token) ?? []).filter((text) => !text.startsWith('#')).join(' ');
}

/** `mutation` if any operation is one, else `query` or `subscription`; undefined when it is no GraphQL. */
export function graphqlOperation(document: string): 'query' | 'mutation' | 'subscription' | undefined {
  if (!looksLikeGraphql(document)) return undefined;
  const tokens = graphqlTokens(document);
  let depth = 0;
  const heads = new Set<string>();
  for (const text of tokens.split(' ')) {
    if (text === '{') depth += 1;
    else if (text === '}') depth -= 1;
    else if (depth === 0) heads.add(text);
  }
  return heads.has('mutation') ? 'mutation' : heads.has('subscription') ? 'subscription' : 'query';
}
