export const colours = {
  product: '#2b6cb0',
  kernel: '#a0aec0',
  outside: '#c53030',
  text: '#2d3748',
  band: '#e6fffa',
  line: '#cbd5e0',
};

interface TextOptions {
  anchor?: 'start' | 'middle' | 'end';
  bold?: boolean;
  size?: number;
}

/** A drawing of bars, dots, lines and text, in pixels from its top left corner. */
export class Svg {
  readonly #parts: string[] = [];

  text(x: number, y: number, what: string, { anchor = 'start', bold = false, size = 12 }: TextOptions = {}): void {
    const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
    const look = `font-size="${size}" font-weight="${bold ? 'bold' : 'normal'}" fill="${colours.text}"`;
    this.#parts.push(`<text ${place} ${look}>${escape(what)}</text>`);
  }

  bar(x: number, y: number, width: number, height: number, colour: string): void {
    this.#parts.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${colour}"/>`,
    );
  }

  line(x1: number, y1: number, x2: number, y2: number, colour: string): void {
    const ends = [x1, y1, x2, y2].map(round);
    this.#parts.push(
      `<line x1="${ends[0]}" y1="${ends[1]}" x2="${ends[2]}" y2="${ends[3]}" stroke="${colour}" stroke-width="1"/>`,
    );
  }

  dot(x: number, y: number, colour: string, { hollow = false, title = '' } = {}): void {
    const paint = hollow ? `fill="white" stroke="${colour}"` : `fill="${colour}" stroke="${colour}"`;
    this.#parts.push(
      `<circle cx="${round(x)}" cy="${round(y)}" r="3.2" ${paint}><title>${escape(title)}</title></circle>`,
    );
  }

  render(width: number, height: number): string {
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="system-ui, sans-serif">\n<rect width="100%" height="100%" fill="white"/>\n${this.#parts.join('\n')}\n</svg>\n`;
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
