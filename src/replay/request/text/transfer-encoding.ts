/** What a part holds, by its `Content-Transfer-Encoding` (RFC 2045 §6); as it stands where that is none. */
export function decodeTransfer(content: Buffer, encoding: string | undefined): Buffer {
  switch (encoding?.toLowerCase()) {
    case 'base64': {
      const text = content.toString('latin1').replace(/\s+/g, '');
      return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : content;
    }
    case 'quoted-printable':
      return quotedPrintable(content.toString('latin1'));
    default:
      return content;
  }
}

function quotedPrintable(text: string): Buffer {
  const joined = text.replace(/[ \t]+(?=\r?\n|$)/g, '').replace(/=\r?\n/g, '');
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}
