import { Text, Transform } from 'ink';
import type { ReactElement } from 'react';
import { paint, type Line } from '../style.js';

interface RowProps {
  line: Line;
  width: number;
  colour: boolean;
}

/**
 * One line of the screen, which must be no wider than it. Ink keeps the measures of each text that it has ever laid
 * out, which would be every exchange there was; so it lays out blanks, and the text takes their place when the line is
 * drawn.
 */
export function Row({ line, width, colour }: RowProps): ReactElement {
  const text = paint(line, colour);
  return (
    <Transform transform={() => text}>
      <Text wrap="truncate">{' '.repeat(width)}</Text>
    </Transform>
  );
}

/** Exactly `height` lines; those that are missing are empty. */
export function Rows({
  lines,
  height,
  width,
  colour,
}: { lines: readonly Line[]; height: number } & Omit<RowProps, 'line'>) {
  return Array.from({ length: height }, (_, index) => (
    <Row key={index} line={lines[index] ?? []} width={width} colour={colour} />
  ));
}
