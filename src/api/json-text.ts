/** What came of reading a text as JSON: its value, or where it is none and what was expected there. */
type JsonText = { value: unknown; fault?: undefined } | { fault: string; value?: undefined };

/** `line 3, column 14: a comma or the end of the object was expected`. */
export async function readJson(text: string): Promise<JsonText> {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { fault: (await placeOf(text)) ?? (error instanceof Error ? error.message : String(error)) };
  }
}

/** Node says no place of short texts and none of the end, and each version words it another way. */
async function placeOf(text: string): Promise<string | undefined> {
  const { printParseErrorCode, visit } = await import('jsonc-parser'); // seldom needed
  let fault: string | undefined;
  try {
    const onError = (code: number, _offset: number, _length: number, line: number, column: number): void => {
      const expected = expectations[printParseErrorCode(code)] ?? 'something else was expected';
      fault ??= `line ${line + 1}, column ${column + 1}: ${expected}`;
    };
    visit(text, { onError }, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 'it is nested too deep';
  }
  return fault;
}

const expectations: Record<string, string> = {
  InvalidSymbol: 'neither true, false, null nor a number; text and names stand in double quotes',
  InvalidNumberFormat: 'a number was expected',
  PropertyNameExpected: 'the name of a member in double quotes was expected',
  ValueExpected: 'a value was expected',
  ColonExpected: 'a colon was expected',
  CommaExpected: 'a comma was expected',
  CloseBraceExpected: 'a comma or the closing brace was expected',
  CloseBracketExpected: 'a comma or the closing bracket was expected',
  EndOfFileExpected: 'the end was expected',
  InvalidCommentToken: 'a value was expected, and JSON has no comments',
  UnexpectedEndOfComment: 'a value was expected, and JSON has no comments',
  UnexpectedEndOfString: 'the closing quote was expected',
  UnexpectedEndOfNumber: 'more digits were expected',
  InvalidUnicode: 'four hexadecimal digits were expected',
  InvalidEscapeCharacter: 'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u was expected',
  InvalidCharacter: 'an escaped character was expected',
};
