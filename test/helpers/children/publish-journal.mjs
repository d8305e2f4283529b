// Publishes a journal as the supervisor does. Arguments: journal folder, store. Prints the result, or the error, as
// JSON.
import { publishJournal } from '../../../dist/src/record/publish.js';
import { openStore } from '../../../dist/src/store/open-store.js';

const [journal, store] = process.argv.slice(2);
try {
  console.log(JSON.stringify({ published: await publishJournal(journal, await openStore(store)) }));
} catch (error) {
  console.log(JSON.stringify({ error }));
}
