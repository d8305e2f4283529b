import type { ProvisionProgress } from '../../../supervisor/toxiproxy/provision/index.js';
import { formatBytes } from '../../core/units.js';
import type { Output } from './output.js';

/**
 * Tells on stderr what fetching Toxiproxy is doing: a line for each step that takes time, a download's progress on a
 * terminal only.
 */
export function progressNotes(output: Output): { report: (progress: ProvisionProgress) => void } {
  let lastMessage = '';
  let lastShownAt = 0;
  return {
    report({ step, message, receivedBytes, totalBytes }) {
      if (!['release', 'go', 'wait'].includes(step)) return;
      if (message !== lastMessage) {
        lastMessage = message;
        output.note(message);
      }
      if (receivedBytes === undefined || !process.stderr.isTTY || performance.now() - lastShownAt < 200) return;
      lastShownAt = performance.now();
      const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
      process.stderr.write(`\r  ${formatBytes(receivedBytes)}${of}\u001b[K\r`);
    },
  };
}
