import { z } from 'zod';
import type { RecordingStore } from '../../store/recording-store.js';
import { recordingOptions, storeUrl } from '../shared/session-options.js';
import { text } from '../shared/values.js';

export const { store: storeOption } = recordingOptions;

export const publishAnywayOption = z
  .boolean()
  .default(false)
  .meta({ description: 'Publish also if secrets are found that stand in it in the clear' });

export const testIdArgument = text.meta({ description: 'Test that it belongs to', placeholder: 'test-id' });

/** The store that `--store`, `PROXYCTL_STORE` or the working folder says. */
export async function openChosenStore(option: string | undefined): Promise<RecordingStore> {
  const { openStore } = await import('../../store/open-store.js');
  return openStore(storeUrl(option));
}
