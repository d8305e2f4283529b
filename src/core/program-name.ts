/** What stands in front of a program in a shell: `NAME=value`. */
const assignment = /^\w+\+?=/;

/** As much of a word as is the name of a file, and no option, address or value. */
const fileName = /^[\p{L}\p{N}._+][\p{L}\p{N}._+-]*/u;

/**
 * The name of the program that a command starts, without its folder. Arguments, assignments before the program and
 * addresses hold tokens and passwords, so nothing else is kept of a command. Of `env A=b curl …` it is `env`; of a
 * command in one text (`curl -u me:secret …`) what stands before its first space. Undefined where no name can be told.
 */
export function programName(command: readonly string[]): string | undefined {
  const at = command.findIndex((word) => !assignment.test(word));
  // A value in quotes may go on in the words behind it.
  if (at < 0 || command.slice(0, at).some((word) => /['"]/.test(word))) return undefined;
  const [path = ''] = (command[at] ?? '').trim().split(/\s/);
  return fileName.exec(path.split(/[/\\]/).at(-1) ?? '')?.[0];
}

/** A command in the form in which it is stored: its program's name alone. */
export function storedCommand(command: readonly string[] | undefined): { command?: string[] } {
  const name = programName(command ?? []);
  return name === undefined ? {} : { command: [name] };
}
