import { UserPattern } from '../../core/user-pattern.js';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { loadConfig } from '../../config/config-file.js';
import { UsageError } from '../../errors/index.js';
import type { Output } from './output.js';

/** A version and the file that says it. */
interface FoundVersion {
  version: string;
  file: string;
}

/** Of a session that is to be opened. */
interface AppVersion {
  appVersion?: string;
  /** Where the requests will say it. */
  appVersionFrom?: { header?: string | undefined; query?: string | undefined; pattern?: string | undefined };
}

/**
 * What `--app-version` means: itself, or with `auto` what the project says. The file that was believed is told. Throws
 * `UsageError` when no file says a version.
 */
export async function resolveAppVersion(option: string | undefined, output: Output): Promise<AppVersion> {
  if (option !== 'auto') return option === undefined ? {} : { appVersion: option };
  const { path, config } = loadConfig();
  const { file, pattern, ...request } = config.appVersion ?? {};
  if (request.header !== undefined || request.query !== undefined) {
    return { appVersionFrom: { ...request, ...(pattern === undefined ? {} : { pattern }) } };
  }
  const base = path === undefined ? process.cwd() : dirname(path);
  const found =
    file === undefined ? await findAppVersion(process.cwd()) : await versionInFile(resolve(base, file), pattern);
  if (found === undefined) throw noVersion(file === undefined ? process.cwd() : resolve(base, file));
  output.note(`App version ${found.version}, from ${relative(process.cwd(), found.file) || found.file}`);
  return { appVersion: found.version };
}

/**
 * What the files of a project say, in this order: Gradle, Info.plist (or the Xcode project that fills it in),
 * package.json.
 */
export async function findAppVersion(folder: string): Promise<FoundVersion | undefined> {
  const folders = [folder, ...(await foldersIn(folder))];
  for (const { names, read } of sources) {
    for (const each of folders) {
      for (const name of await filesNamed(each, names)) {
        const version = read(await textOf(join(each, name)));
        if (version !== undefined) return { version, file: join(each, name) };
      }
    }
  }
  return undefined;
}

/** Apps come first: what they are built with may well have a package.json beside it. */
const sources: { names: RegExp; read: (text: string) => string | undefined }[] = [
  { names: /^build\.gradle(\.kts)?$/, read: gradleVersion },
  { names: /^Info\.plist$/, read: plistVersion },
  { names: /^project\.pbxproj$/, read: (text) => /\bMARKETING_VERSION = "?([^";]+)"?;/.exec(text)?.[1] },
  { names: /^package\.json$/, read: packageVersion },
];

/** `versionName "5.1.0"` or `versionName = "5.1.0"`; the version code stands behind it as the build: `5.1.0+123`. */
function gradleVersion(text: string): string | undefined {
  const name = /\bversionName\s*=?\s*\(?\s*["']([^"'$]+)["']/.exec(text)?.[1];
  const code = /\bversionCode\s*=?\s*\(?\s*(\d+)/.exec(text)?.[1];
  return name === undefined || code === undefined ? name : `${name}+${code}`;
}

/**
 * `CFBundleShortVersionString`, and `CFBundleVersion` behind it as the build. One that Xcode fills in (`$(…)`) says
 * nothing.
 */
function plistVersion(text: string): string | undefined {
  const short = plistValue(text, 'CFBundleShortVersionString');
  const build = plistValue(text, 'CFBundleVersion');
  return short === undefined || build === undefined ? short : `${short}+${build}`;
}

function plistValue(text: string, key: string): string | undefined {
  const value = new RegExp(`<key>${key}</key>\\s*<string>([^<]+)</string>`).exec(text)?.[1]?.trim();
  return value?.includes('$') === true ? undefined : value;
}

function packageVersion(text: string): string | undefined {
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    return typeof version === 'string' && version !== '' ? version : undefined;
  } catch {
    return undefined;
  }
}

async function versionInFile(file: string, pattern: string | undefined): Promise<FoundVersion | undefined> {
  const text = await textOf(file);
  if (pattern !== undefined) {
    const match = new UserPattern(pattern, { multiline: true }).exec(text);
    const version = match?.[1] ?? match?.[0];
    return version === undefined ? undefined : { version: version.trim(), file };
  }
  for (const { names, read } of sources) {
    const version = names.test(file.split(/[\\/]/).at(-1) ?? '') ? read(text) : undefined;
    if (version !== undefined) return { version, file };
  }
  const line = text.trim();
  return line === '' || line.includes('\n') ? undefined : { version: line, file }; // a file that holds nothing else
}

/**
 * Folders where apps have such files: `app/`, `android/app/`, `ios/Shop/`, `Shop.xcodeproj/`; two levels down at most.
 */
async function foldersIn(folder: string, depth = 2): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory() && !/^\.|^(node_modules|build|dist|Pods|vendor)$/.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort()
    .slice(0, 100);
  if (depth <= 1) return names;
  const below = await Promise.all(names.map((each) => foldersIn(each, depth - 1)));
  return [...names, ...below.flat()];
}

async function filesNamed(folder: string, names: RegExp): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => names.test(name));
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function noVersion(where: string): UsageError {
  return new UsageError(`--app-version auto: no version is to be found in ${where}`, {
    hint: 'It is looked for in build.gradle (versionName), Info.plist, an Xcode project and package.json, there and two folders down. Name a file and a pattern as `appVersion` in the config file, or give the version itself.',
    data: { where },
  });
}
