// Publishes a journal as the supervisor does. Arguments: journal folder, store. Prints the result, or the error, as JSON.
import { publishJournal } from '../../../dist/src/record/publish.js';
import { FolderStore } from '../../../dist/src/store/folder-store.js';

const [journal, store] = process.argv.slice(2);
try {
  console.log(JSON.stringify({ published: await publishJournal(journal, new FolderStore(store)) }));
} catch (error) {
  console.log(JSON.stringify({ error }));
}
