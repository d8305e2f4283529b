import { memoizeText } from '../../../core/memoize.js';
import { canonicalName, defineNormalizer, spansOf, wholeValue } from './define-normalizer.js';

const versionNames =
  /^(?:app|client|sdk|bundle|application)(?:version|build|release|versionname|versioncode|buildnumber)$|^(?:versioncode|versionname|buildnumber|bundleversion|buildid|av|appver|appv)$/;

/**
 * The version of the app that is tested: its number as `--app-version` said it, wherever it stands, and what is called
 * the app's version or build. `build` alone counts beside a version only.
 */
export const appVersion = defineNormalizer({
  name: 'app-version',
  summary: "The app's own version and build",
  kind: 'version',
  examples: {
    found: ['app_version=5.1', 'X-App-Build=51020', 'versionCode=7'],
    leftAlone: ['version=3', 'build=12', 'api_version=2', 'min_version=4.0'],
  },
  mayMatch: (name, value, { appVersions }) =>
    isVersionName(name) || name === 'build' || appVersions.some((version) => value.includes(version)),
  find: (field, { appVersions, names }) => {
    const name = canonicalName(field.name);
    if (isVersionName(name)) return wholeValue(field);
    if (name === 'build' && beside.some((other) => names.has(other))) return wholeValue(field);
    if (appVersions.length === 0) return [];
    const spans = appVersions.flatMap((version) =>
      field.value.includes(version) ? spansOf(field.value, patternOf(version)) : [],
    );
    // `Shop/5.1 (build 51020)`, `shop/5.1+51020`
    return spans.length === 0 ? spans : [...spans, ...spansOf(field.value, buildBeside)];
  },
});

const beside = ['version', 'appversion', 'v', 'ver'];

const isVersionName = memoizeText((name) => versionNames.test(name));

const buildBeside = /(?<=\bbuild[ /:=#-]{0,2}|\d\+|\d \()\d{1,9}(?![\w.])/gi;

function patternOf(version: string): RegExp {
  return new RegExp(`(?<![\\w.]|\\d-)v?${version.replace(/[^\w]/g, '\\$&')}(?![\\w]|[.]\\d)`, 'g');
}
