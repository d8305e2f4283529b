import { z } from 'zod';

/** The response of operations that remove all of one kind. */
export const removed = { response: z.object({ removed: z.number().int() }), says: 'How many there were' };

/** The client's method of such an operation: resolves with the number alone. */
export function removedFrom(send: (request: { params: { id: string } }) => Promise<{ removed: number }>) {
  return async (session: string): Promise<number> => (await send({ params: { id: session } })).removed;
}
