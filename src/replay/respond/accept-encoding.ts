/**
 * Whether a client that sent this `Accept-Encoding` takes the coding (RFC 9110 §12.5.3). Without the header it takes
 * any.
 */
export function acceptsCoding(acceptEncoding: string | undefined, coding: string): boolean {
  if (acceptEncoding === undefined) return false;
  const wanted = acceptEncoding
    .toLowerCase()
    .split(',')
    .map((text) => {
      const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return { name, refused: q !== undefined && Number(q.slice(2)) === 0 };
    });
  const known = coding.replace(/^x-(?=gzip$|compress$)/, ''); // RFC 9110 §8.4.1.3
  const found = wanted.find(({ name }) => name === coding || name === known) ?? wanted.find(({ name }) => name === '*');
  return found !== undefined && !found.refused;
}
